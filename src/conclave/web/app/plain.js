/** A message as plain words, where there is one line for it, or where it is spoken. */

import { markdown, wordsOf } from "./markdown.js";

/** @import { Block } from "./markdown.js" */
/** @typedef {{text: string, hit: boolean}} Snip */

/** *text* without its marks: what is said, not how. @param {string} text */
export const plainOf = (text) => linesOf(markdown(text, [])).join("\n");

/** @param {Block[]} blocks @returns {string[]} */
const linesOf = (blocks) => blocks.flatMap(lines);

/** @param {Block} block @returns {string[]} */
function lines(block) {
  switch (block.kind) {
    case "fence":
      return [block.code];
    case "quote":
      return linesOf(block.blocks).map((line) => `» ${line}`);
    case "list":
      return block.items.map((item, n) => `${block.start === null ? "•" : `${block.start + n}.`} ${linesOf(item).join("\n")}`);
    case "table":
      return [block.head, ...block.rows].map((row) => row.map(wordsOf).join(" · "));
    case "rule":
      return [];
    default:
      return [wordsOf(block.inside)];
  }
}

/** They stand around what was found while the marks are taken away; nobody's text has them. */
const BEGIN = "\uE0F0";
const END = "\uE0F1";

/**
 * A found place without its marks, with what was found still marked.
 *
 * @param {Snip[]} snippet
 * @returns {Snip[]}
 */
export function plainSnippet(snippet) {
  const joined = snippet.map(({ text, hit }) => (hit ? BEGIN + without(text) + END : without(text))).join("");
  /** @type {Snip[]} */
  const parts = [];
  let hit = false;
  for (const piece of plainOf(joined).split(/([\uE0F0\uE0F1])/)) {
    if (piece === BEGIN || piece === END) hit = piece === BEGIN;
    else if (piece !== "") parts.push({ text: piece, hit });
  }
  return parts;
}

/** @param {string} text */
const without = (text) => text.replace(/[\uE0F0\uE0F1]/g, "");
