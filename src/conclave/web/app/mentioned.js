/** Whom a text tells: those whose names the log will draw as names, so not those in a block of code. */

import { markdown } from "./markdown.js";

/** @import { Block, Inline } from "./markdown.js" */
/** @import { Named } from "./mentions.js" */

/** What the wire takes for one message. */
const MOST_MENTIONS = 50;

/** The ids of those of *people* whom *text* names. @param {string} text @param {Named[]} people */
export function namedIn(text, people) {
  if (!text.includes("@")) return [];
  return [...new Set(markdown(text, people).flatMap(inBlock))].slice(0, MOST_MENTIONS);
}

/** @param {Block} block @returns {string[]} */
function inBlock(block) {
  switch (block.kind) {
    case "quote":
      return block.blocks.flatMap(inBlock);
    case "list":
      return block.items.flat().flatMap(inBlock);
    case "table":
      return [block.head, ...block.rows].flat().flatMap(inside);
    case "fence":
    case "rule":
      return [];
    default:
      return inside(block.inside);
  }
}

/** @param {Inline[]} nodes @returns {string[]} */
const inside = (nodes) => nodes.flatMap((node) => (node.kind === "named" ? [node.id] : node.kind === "text" ? [] : inside(node.inside)));
