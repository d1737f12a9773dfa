/**
 * The beginning of a long message, so that one text does not fill the log. How long it is, is
 * guessed from its letters: a fold is there from the first drawing, and nothing jumps.
 */

/** @import { Block, Inline } from "./markdown.js" */

/** A line of the log, at its widest, has about as many letters. */
const LINE_CHARS = 64;
/** Longer messages fold; much of what is folded is then hidden, never a line or two. */
const MOST_LINES = 24;
const SHOWN_LINES = 14;

/** The beginning of *blocks*; null when they are not long. @param {Block[]} blocks @returns {Block[] | null} */
export function folded(blocks) {
  return sum(blocks) <= MOST_LINES ? null : new Cut(SHOWN_LINES).blocks(blocks);
}

/** @param {Block[]} blocks @returns {number} */
const sum = (blocks) => blocks.reduce((lines, block) => lines + height(block), 0);

/** @param {Block} block @returns {number} lines, as a guess */
function height(block) {
  switch (block.kind) {
    case "fence":
      return block.code.split("\n").length + 1;
    case "quote":
      return sum(block.blocks);
    case "list":
      return block.items.reduce((lines, item) => lines + sum(item), 0);
    case "table":
      return 1 + block.rows.length;
    case "rule":
      return 1;
    default:
      return linesIn(letters(block.inside));
  }
}

/** @param {string} text */
const linesIn = (text) => text.split("\n").reduce((lines, line) => lines + Math.max(1, Math.ceil(line.length / LINE_CHARS)), 0);

/** @param {Inline[]} inside @returns {string} */
const letters = (inside) => inside.map((node) => ("text" in node ? node.text : letters(node.inside))).join("");

/** Takes lines until none is left. */
class Cut {
  /** @param {number} lines */
  constructor(lines) {
    this.left = lines;
  }

  /** @param {Block[]} blocks @returns {Block[]} */
  blocks(blocks) {
    return this.#taken(blocks, (block) => this.#block(block));
  }

  /** @template T @param {T[]} all @param {(one: T) => T} take @returns {T[]} */
  #taken(all, take) {
    const found = [];
    for (const one of all) if (this.left > 0) found.push(take(one));
    return found;
  }

  /** @param {Block} block @returns {Block} */
  #block(block) {
    switch (block.kind) {
      case "fence":
        return { ...block, code: this.#lines(block.code.split("\n")).join("\n") };
      case "quote":
        return { ...block, blocks: this.blocks(block.blocks) };
      case "list":
        return { ...block, items: this.#taken(block.items, (item) => this.blocks(item)) };
      case "table":
        return { ...block, rows: this.#lines(block.rows) };
      case "rule":
        this.left -= 1;
        return block;
      default:
        return { ...block, inside: this.#paragraph(block.inside) };
    }
  }

  /** @template T @param {T[]} lines @returns {T[]} */
  #lines(lines) {
    const found = lines.slice(0, this.left);
    this.left -= lines.length;
    return found;
  }

  /** @param {Inline[]} inside @returns {Inline[]} */
  #paragraph(inside) {
    const text = letters(inside);
    const lines = linesIn(text);
    const chars = lines > this.left ? firstOf(text, this.left) : text.length;
    this.left -= lines;
    return chars === text.length ? inside : [...cut(inside, chars), { kind: "text", text: "…" }];
  }
}

/** How many letters of *text* fit into *left* lines. @param {string} text @param {number} left */
function firstOf(text, left) {
  let chars = 0;
  for (const line of text.split("\n")) {
    const lines = Math.max(1, Math.ceil(line.length / LINE_CHARS));
    if (lines >= left) return chars + whole(line, left * LINE_CHARS);
    left -= lines;
    chars += line.length + 1;
  }
  return chars;
}

/** Where to cut *text* before *at*: behind a word if one ends near, never within a letter of two units. @param {string} text @param {number} at */
function whole(text, at) {
  if (at >= text.length) return text.length;
  const space = text.lastIndexOf(" ", at);
  if (space > at - LINE_CHARS / 2 && space > 0) return space;
  return /[\uDC00-\uDFFF]/.test(text.charAt(at)) ? at - 1 : at;
}

/** @param {Inline[]} inside @param {number} chars @returns {Inline[]} */
function cut(inside, chars) {
  /** @type {Inline[]} */
  const found = [];
  for (const node of inside) {
    if (chars <= 0) break;
    const { length } = "text" in node ? node.text : letters(node.inside);
    if (length <= chars) found.push(node);
    // A name is there or not: half of one would be another's.
    else if (node.kind === "text") found.push({ ...node, text: node.text.slice(0, chars) });
    else if (node.kind !== "named") found.push({ ...node, inside: cut(node.inside, chars) });
    chars -= length;
  }
  return found;
}
