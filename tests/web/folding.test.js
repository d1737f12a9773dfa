/** Long messages: what folds, and what of it is shown. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { folded } from "../../src/conclave/web/app/folding.js";
import { markdown, wordsOf } from "../../src/conclave/web/app/markdown.js";
import { firstSeed, randomOf } from "./seeds.js";

const ANA = { id: "u1", name: "ana" };
/** @param {string} text */
const cut = (text) => folded(markdown(text, [ANA]));
/** @param {any} blocks @returns {string} */
const said = (blocks) =>
  blocks.map((/** @type {any} */ block) => (block.inside ? wordsOf(block.inside) : block.code ?? said(block.blocks ?? block.items?.flat() ?? []))).join("\n");

test("what is not long does not fold", () => {
  for (const text of ["hello", "line\n".repeat(23), "x".repeat(1_500), "```\n" + "code\n".repeat(20) + "```"]) assert.equal(cut(text), null);
});

test("many lines, much text, long code and long lists show their beginning", () => {
  assert.equal(said(cut("line\n".repeat(40))).split("\n").length, 14);
  assert.ok(said(cut("word ".repeat(600))).length <= 14 * 64 + 1);
  assert.match(said(cut("word ".repeat(600))), /word…$/);
  assert.equal(said(cut("```js\n" + "code;\n".repeat(100) + "```")).split("\n").length, 14);
  assert.equal(cut("- item\n".repeat(50))?.[0]?.kind, "list");
  assert.equal(said(cut("- item\n".repeat(50))).split("\n").length, 14);
  assert.equal(said(cut(Array.from({ length: 50 }, () => "> quoted").join("\n"))).split("\n").length, 14);
});

test("a cut leaves letters and names whole", () => {
  assert.doesNotMatch(said(cut("🦉".repeat(2_000))), /[\uD800-\uDBFF](?![\uDC00-\uDFFF])/);
  const blocks = cut("@ana ".repeat(600)) ?? [];
  const names = JSON.stringify(blocks).match(/"text":"@[^"]*"/g) ?? [];
  assert.ok(names.length > 100);
  assert.deepEqual([...new Set(names)], ['"text":"@ana"']);
});

test("whatever is long, what is shown is its beginning", () => {
  const random = randomOf(firstSeed);
  const pieces = ["word ", "**strong** ", "`code` ", "\n", "\n\n", "- item\n", "> quote\n", "https://a.example ", "@ana ", "🦉", "```\ncode\n```\n"];
  for (let n = 0; n < 300; n += 1) {
    const text = Array.from({ length: 300 }, () => pieces[Math.floor(random() * pieces.length)]).join("");
    const whole = markdown(text, [ANA]);
    const beginning = folded(whole);
    if (beginning === null) continue;
    const shown = said(beginning).replaceAll(/[\s…]/g, "");
    assert.ok(said(whole).replaceAll(/[\s…]/g, "").startsWith(shown), `seed ${firstSeed}`);
    assert.ok(shown.length > 0);
  }
});
