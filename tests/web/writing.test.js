/** What is written where, whom it names, and what follows from leaving: the page's rules without DOM. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { namedIn } from "../../src/conclave/web/app/mentioned.js";
import { begunAt, matching, partsOf } from "../../src/conclave/web/app/mentions.js";
import { mayDelete, mayEdit, mayReport, outranks } from "../../src/conclave/web/app/rights.js";
import { Writing } from "../../src/conclave/web/app/writing.js";
import { entryOf } from "../../src/conclave/web/client/wire.js";
import { message } from "./bench.js";

/** @import { Keeping } from "../../src/conclave/web/app/keeping.js" */
/** @import { Driver } from "../../src/conclave/web/client/driver.js" */
/** @import { RoomInfo } from "../../src/conclave/web/client/infos.js" */
/** @import { Entry } from "../../src/conclave/web/client/wire.js" */

const PEOPLE = [
  { id: "u1", name: "ana" },
  { id: "u2", name: "Ada Lovelace" },
  { id: "u3", name: "Ada" },
  { id: "u4", name: "東京" },
];

test("a name is begun by «@» at the start of a word, and goes on over a space", () => {
  assert.deepEqual(begunAt("hi @an", 6), { at: 3, query: "an" });
  assert.deepEqual(begunAt("@ada lo", 7), { at: 0, query: "ada lo" });
  assert.equal(begunAt("mail@example", 12), null);
  assert.equal(begunAt("@ ana", 5), null);
  assert.equal(begunAt("@ana\n", 5), null);
  assert.deepEqual(begunAt("(@", 2), { at: 1, query: "" });
  assert.equal(begunAt("hi @an", 2), null);
});

test("people are found by the beginning of any word of their name", () => {
  const found = (/** @type {string} */ query) => matching(query, PEOPLE).map(({ id }) => id);
  assert.deepEqual(found("ad"), ["u2", "u3"]);
  assert.deepEqual(found("LOVE"), ["u2"]);
  assert.deepEqual(found("東"), ["u4"]);
  assert.deepEqual(found("nobody"), []);
});

test("the longest name that stands as a word of its own is meant", () => {
  const text = "@Ada Lovelace and @ada, not @adam or me@ana; @東京.";
  assert.deepEqual(
    partsOf(text, PEOPLE).filter(({ id }) => id !== null),
    [
      { text: "@Ada Lovelace", id: "u2" },
      { text: "@ada", id: "u3" },
      { text: "@東京", id: "u4" },
    ],
  );
  assert.equal(partsOf(text, PEOPLE).map((part) => part.text).join(""), text);
});

test("who is named twice is mentioned once, and no more than the wire takes", () => {
  assert.deepEqual(namedIn("@ana @ana @ada", PEOPLE), ["u1", "u3"]);
  assert.deepEqual(namedIn("> **@ana**\n\n```\n@ada\n```", PEOPLE), ["u1"]);
  assert.deepEqual(namedIn("https://a.example/@ana and nobody", PEOPLE), []);
  const many = Array.from({ length: 60 }, (_, n) => ({ id: `m${n}`, name: `name${n}x` }));
  assert.equal(namedIn(many.map(({ name }) => `@${name}`).join(" "), many).length, 50);
});

function desk() {
  /** @type {object[]} */
  const sent = [];
  const client = {
    typing() {},
    say: (/** @type {unknown[]} */ ...given) => sent.push(given),
    edit: (/** @type {unknown[]} */ ...given) => sent.push(given),
  };
  const driver = /** @type {Driver} */ (/** @type {unknown} */ ({ act: (/** @type {Function} */ what) => what(client, 0) }));
  const keeping = /** @type {Keeping} */ (/** @type {unknown} */ ({ drafts: new Map() }));
  return { writing: new Writing(driver, keeping), sent };
}

test("a reply goes with its thread and whom it names, and leaves the field empty", () => {
  const { writing, sent } = desk();
  const at = { room: "general", thread: 7 };
  writing.write(at, "yes @ana");
  writing.answer(at, 12);
  assert.equal(writing.say(at, "yes @ana", ["u1"]), true);
  assert.deepEqual(sent, [["general", "yes @ana", 0, { replyTo: 12, thread: 7, mentions: ["u1"] }]]);
  assert.equal(writing.textOf(at), "");
  assert.equal(writing.answerOf(at), null);
});

test("a draft is put aside while one changes a message, and is there again after it", () => {
  const { writing, sent } = desk();
  const at = { room: "general", thread: null };
  writing.write(at, "half a thought");
  writing.change(at, { seq: 3, was: "old", text: "old" });
  writing.write(at, "new");
  assert.equal(writing.textOf(at), "new");
  assert.equal(writing.say(at, "new"), true);
  assert.deepEqual(sent, [["general", 3, "new", 0]]);
  assert.equal(writing.textOf(at), "half a thought");
});

test("a change that changes nothing is not sent", () => {
  const { writing, sent } = desk();
  const at = { room: "general", thread: null };
  writing.change(at, { seq: 3, was: "old", text: "old" });
  assert.equal(writing.say(at, "old"), true);
  assert.deepEqual(sent, []);
});

/** @param {string} user @param {object} [more] */
const line = (user, more = {}) => /** @type {Entry} */ (entryOf(message("general", 3, { user_id: user, ...more })));

test("what one may not do is not offered", () => {
  const me = { id: "u1", name: "ana", role: "user" };
  const admin = { ...me, role: "admin" };
  const room = (/** @type {string} */ role, /** @type {string[] | null} */ may = null) => /** @type {RoomInfo} */ ({ role, may });
  assert.equal(mayEdit(me, room("member"), line("u1")), true);
  assert.equal(mayEdit(me, room("member"), line("u1", { deleted: true })), false);
  assert.equal(mayEdit(admin, room("owner"), line("u2")), false);
  assert.equal(mayDelete(me, room("member"), line("u2")), false);
  assert.equal(mayDelete(me, room("moderator"), line("u2")), true);
  assert.equal(mayDelete(admin, null, line("u2")), false);
});

test("what the room says one may goes before one's role", () => {
  const me = { id: "u1", name: "ana", role: "user" };
  const room = (/** @type {string[]} */ ...may) => /** @type {RoomInfo} */ ({ role: "owner", may });
  assert.equal(mayEdit(me, room("delete"), line("u1")), false);
  assert.equal(mayDelete(me, room("delete"), line("u1")), true);
  assert.equal(mayDelete(me, room("delete"), line("u2")), false);
  assert.equal(mayDelete(me, room("delete_any"), line("u2")), true);
  assert.equal(mayReport(me, room("report"), line("u2")), true);
  assert.equal(mayReport(me, room("report"), line("u1")), false);
  assert.equal(mayReport(me, room("report"), line("system")), false);
});

test("whom one may act upon stands below, unless one owns the room or is an admin", () => {
  const me = { id: "u1", name: "ana", role: "user" };
  const room = (/** @type {string} */ role) => /** @type {RoomInfo} */ ({ role });
  const below = ["", "member", "moderator", "owner"].map((role) => outranks(me, room("moderator"), role));
  assert.deepEqual(below, [true, true, false, false]);
  assert.equal(outranks(me, room("owner"), "owner"), true);
  assert.equal(outranks({ ...me, role: "admin" }, null, "owner"), true);
  assert.equal(outranks(me, null, ""), false);
});
