/** Shortcuts of letters on keyboards that write others. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { deedOf } from "../../src/conclave/web/app/deeds.js";
import { pressedOf } from "../../src/conclave/web/app/pressed.js";

/** @param {string} key @param {string} code */
const pressed = (key, code, shiftKey = false) => pressedOf({ key, code, shiftKey });

test("a key of another script means the letter that stands in its place on a Latin keyboard", () => {
  /** @type {[string, string, string][]} */
  const keys = [
    ["ن", "KeyK", "k"],
    ["لا", "KeyB", "b"],
    ["Unidentified", "KeyB", "b"],
    ["", "KeyB", "b"],
    ["ق", "KeyR", "r"],
    ["ب", "KeyF", "f"],
    ["и", "KeyB", "b"],
    ["Λ", "KeyL", "l"],
    ["ק", "KeyE", "e"],
    ["ı", "KeyI", "i"],
  ];
  for (const [key, code, letter] of keys) assert.equal(pressed(key, code), letter, key);
  assert.equal(pressed("ظ", "Slash"), "/");
  assert.equal(pressed("؟", "Slash", true), "?");
});

test("what a keyboard writes in Latin letters counts wherever its key stands", () => {
  // Dvorak, AZERTY, QWERTZ.
  assert.equal(pressed("k", "KeyV"), "k");
  assert.equal(pressed("K", "KeyV", true), "k");
  assert.equal(pressed("a", "KeyQ"), "a");
  assert.equal(pressed("z", "KeyY"), "z");
  assert.equal(pressed("/", "Digit7", true), "/");
  assert.equal(pressed("!", "Slash"), "!");
});

test("keys that write nothing, and letters beside the alphabet, are what they are", () => {
  for (const key of ["ArrowUp", "Escape", "Delete", "Enter", " ", "Dead"]) assert.equal(pressed(key, key), key.toLowerCase());
  assert.equal(pressed("ö", "Semicolon"), "ö");
  assert.equal(pressed("é", "Digit2"), "é");
  assert.equal(pressed("ن", ""), "ن");
  // A keyboard on the screen says neither.
  assert.equal(pressed("Unidentified", ""), "unidentified");
});

test("a deed of a message is done by its key on any keyboard, and by no other", () => {
  const deeds = ["R", "T", "E", "P", "C", "U", "!", "Del"].map((key) => /** @type {any} */ ({ key }));
  const deed = (/** @type {object} */ event) => deedOf(deeds, /** @type {any} */ ({ key: "", code: "", shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...event }))?.key;
  assert.equal(deed({ key: "ق", code: "KeyR" }), "R");
  assert.equal(deed({ key: "ؤ", code: "KeyC" }), "C");
  assert.equal(deed({ key: "!", code: "Digit1", shiftKey: true }), "!");
  assert.equal(deed({ key: "Delete", code: "Delete" }), "Del");
  assert.equal(deed({ key: "ق", code: "KeyR", ctrlKey: true }), undefined);
  assert.equal(deed({ key: "ض", code: "KeyQ" }), undefined);
});
