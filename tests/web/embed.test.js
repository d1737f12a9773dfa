/** How a room in somebody else's page is let in, and which languages it speaks. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { asking, QUESTION } from "../../src/conclave/web/embed/asking.js";
import { speak } from "../../src/conclave/web/embed/words.js";

const ORIGINS = ["https://www.example.org", "https://shop.example.org"];

function bench() {
  /** @type {any[]} */
  const asked = [];
  /** @type {Set<(event: any) => void>} */
  const listeners = new Set();
  /** @type {(() => void)[]} */
  const timers = [];
  const around = /** @type {any} */ ({ postMessage: (/** @type {any[]} */ ...said) => asked.push(said) });
  const hear = (/** @type {(event: any) => void} */ listen) => {
    listeners.add(listen);
    return () => listeners.delete(listen);
  };
  const ask = asking({ around, origins: ORIGINS, hear, later: (what) => timers.push(what) });
  const say = (/** @type {object} */ event) => [...listeners].forEach((listen) => listen(event));
  return { around, ask, asked, listeners, say, timers };
}

test("the page around is asked without a secret, and its answer is the token", async () => {
  const { around, ask, asked, listeners, say } = bench();
  const token = ask();
  assert.deepEqual(asked, [[QUESTION, "*"]]);
  say({ source: around, origin: ORIGINS[1], data: { conclave: "token", token: "t-1" } });
  assert.equal(await token, "t-1");
  assert.equal(listeners.size, 0);
});

test("what anybody else says, or says of something else, counts for nothing", async () => {
  const { around, ask, say, timers } = bench();
  const token = ask();
  const answer = { conclave: "token", token: "forged" };
  say({ source: around, origin: "https://evil.example", data: answer });
  say({ source: {}, origin: ORIGINS[0], data: answer });
  say({ source: around, origin: "null", data: answer });
  for (const data of ["forged", null, { token: "forged" }, { conclave: "other", token: "forged" }]) {
    say({ source: around, origin: ORIGINS[0], data });
  }
  timers[0]?.();
  assert.equal(await token, null);
});

test("a page where nobody is signed in gives none", async () => {
  const { around, ask, say } = bench();
  const token = ask();
  say({ source: around, origin: ORIGINS[0], data: { conclave: "token", token: null } });
  assert.equal(await token, null);
});

test("each language says everything, and who speaks none of ours reads English", () => {
  const english = Object.keys(speak(["en"]).words).sort();
  for (const tag of ["de-AT", "ar"]) {
    const { words } = speak([tag]);
    assert.deepEqual(Object.keys(words).sort(), english);
    for (const sentence of Object.values(words)) assert.notEqual(sentence, "");
  }
  assert.equal(speak(["fr", "de"]).language, "de");
  assert.equal(speak(["constructor", "fr"]).language, "en");
  assert.equal(speak(["ar-EG"]).dir, "rtl");
});
