/** What the palette finds, and in which order. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { found, MOST_RECENT, usedNow } from "../../src/conclave/web/app/palette.js";

/** @param {string} name @param {string} [also] @returns {any} */
const choice = (name, also) => ({ key: name, kind: "room", name, also, icon: "hash", act: () => {} });
/** @param {any[]} choices @param {string} text @param {string[]} [recent] */
const names = (choices, text, recent = []) => found(choices, text, recent).map(({ name }) => name);

test("every word that was typed has to be there, in any order", () => {
  const rooms = [choice("Release notes"), choice("Notes"), choice("Old releases")];
  assert.deepEqual(names(rooms, "notes rel"), ["Release notes"]);
  assert.deepEqual(names(rooms, "xyz"), []);
});

test("the beginning of a word is better than its inside, and that than scattered letters", () => {
  assert.deepEqual(names([choice("personal"), choice("explain"), choice("plans")], "pl"), ["plans", "explain", "personal"]);
  assert.deepEqual(names([choice("general"), choice("gnl")], "gnl"), ["gnl", "general"]);
});

test("a name counts more than what it is found by besides", () => {
  assert.deepEqual(names([choice("One", "budget of the year"), choice("Budget")], "budget"), ["Budget", "One"]);
});

test("accents and case are no matter, and no script is left out", () => {
  assert.deepEqual(names([choice("Übersicht"), choice("東京"), choice("عربي")], "uber"), ["Übersicht"]);
  assert.deepEqual(names([choice("東京")], "東"), ["東京"]);
  assert.deepEqual(names([choice("عربي")], "عر"), ["عربي"]);
});

test("what was used lately comes first, then what was given first", () => {
  const rooms = ["a", "b", "c", "d"].map((name) => choice(name));
  assert.deepEqual(names(rooms, "", ["c", "b"]), ["c", "b", "a", "d"]);
});

test("a list is never longer than one looks through", () => {
  const rooms = Array.from({ length: 200 }, (_, n) => choice(`room ${n}`));
  assert.equal(found(rooms, "room", []).length, 30);
  assert.equal(found(rooms, "", []).length, 12);
});

test("what was used is remembered once, and not for ever", () => {
  assert.deepEqual(usedNow(["a", "b"], "b"), ["b", "a"]);
  const many = Array.from({ length: 50 }, (_, n) => `k${n}`);
  assert.equal(usedNow(many, "new").length, MOST_RECENT);
});
