/** Code in pieces: every language, letter by letter, in bounded time. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { LANGUAGES, languageOf, piecesOf } from "../../src/conclave/web/app/highlighting.js";

const PYTHON = 'def roll(sides: int = 6) -> int:\n    """A die."""\n    return 1 + randbelow(sides)  # never 0\n';

test("code is told apart, and none of it is lost", async () => {
  const pieces = (await piecesOf(PYTHON, "python")) ?? [];
  assert.equal(pieces.map(({ text }) => text).join(""), PYTHON);
  const kinds = new Map(pieces.map(({ text, kind }) => [text, kind]));
  assert.deepEqual(["def", "roll", '"""A die."""', "# never 0", "1"].map((text) => kinds.get(text)), ["keyword", "title", "string", "comment", "number"]);
});

test("languages have the names people write", () => {
  const names = { py: "python", "c++": "cpp", html: "xml", sh: "bash", python: "python", brainfuck: null, "": null, constructor: null, __proto__: null };
  for (const [name, language] of Object.entries(names)) assert.equal(languageOf(name), language, name);
});

test("what a grammar has no part in stays as it is", async () => {
  assert.equal(await piecesOf("x", "brainfuck"), null);
  assert.equal(await piecesOf("x".repeat(9_000), "python"), null);
  assert.equal(await piecesOf("x", "toString"), null);
});

const CHOKING = [
  "(".repeat(4_000), "{".repeat(4_000), "[".repeat(4_000), "<".repeat(4_000), '"'.repeat(4_000), "'".repeat(4_000), "\\".repeat(4_000),
  "/*".repeat(2_000), "//".repeat(2_000), "#".repeat(4_000), "a".repeat(4_000), "a ".repeat(2_000), "a.".repeat(2_000), "a::".repeat(1_300),
  "a<".repeat(2_000), "a(".repeat(2_000), "0".repeat(4_000), "0x".repeat(2_000), "=>".repeat(2_000), "${".repeat(2_000), "`".repeat(4_000),
  "<a ".repeat(1_300), "</".repeat(2_000), "- ".repeat(2_000), "_".repeat(4_000), "*".repeat(4_000), "**a ".repeat(1_000), " ".repeat(4_000),
  "\n".repeat(4_000), "a\n".repeat(2_000), "a: ".repeat(1_300), "@".repeat(4_000), "if ".repeat(1_300), "class a ".repeat(500), "|".repeat(4_000),
]; // prettier-ignore

test("no code keeps the page busy in any language", async (context) => {
  let most = 0;
  let slowest = "";
  for (const language of LANGUAGES) {
    assert.notEqual(await piecesOf("a", language), null, language);
    for (const code of CHOKING) {
      let took = Infinity;
      for (let tries = 0; tries < 3 && took > 50; tries += 1) {
        const begun = process.cpuUsage();
        const pieces = await piecesOf(code, language);
        took = Math.min(took, process.cpuUsage(begun).user / 1_000);
        if (pieces !== null) assert.equal(pieces.map(({ text }) => text).join(""), code);
      }
      if (took > most) [most, slowest] = [took, `${language}: ${code.slice(0, 8)}`];
    }
  }
  context.diagnostic(`${LANGUAGES.length} languages, ${CHOKING.length} codes each, slowest ${slowest}: ${most.toFixed(1)} ms`);
  assert.ok(most < 300, `${slowest} took ${most.toFixed(1)} ms`);
});
