/**
 * From a text to the tokens that `marked` finds in it, but only of what a chat has.
 *
 * The rest is left as typed: HTML, indented code, headings by underlines, footnote-like
 * definitions, and what lies deeper than anybody reads. Names of people are tokens, too.
 */

import { Lexer, Tokenizer } from "../vendor/marked.js";
import { LETTER, Names } from "./mentions.js";

/** @import { Token } from "../vendor/marked.js" */
/** @import { Named } from "./mentions.js" */

const MOST_DEPTH = 6;
/** For each mark marked looks through what is left of the text: 2,000 marks that close nothing took a third of a second. */
const MOST_MARKS = 250;
/** The text has more marks than are looked into. */
export class TooManyMarks extends Error {}
/** The longest local part that an address of mail may have (RFC 5321, 4.5.3.1.1). */
const MAIL = /^[\w.+-]{1,64}@/;
const STARTS_ADDRESS = /^(?:https?:\/\/|ftp:\/\/|www\.)/i;

/** One text's tokens: what a chat has no use for is not looked for. */
class ChatTokenizer extends Tokenizer {
  depth = 0;
  marks = 0;

  /** @override */
  html() {
    return undefined;
  }

  /** @override */
  tag() {
    return undefined;
  }

  /** @override */
  def() {
    return undefined;
  }

  /** @override */
  reflink() {
    return undefined;
  }

  /** @override */
  code() {
    return undefined;
  }

  /** @override */
  lheading() {
    return undefined;
  }

  /** @override @param {string} source */
  blockquote(source) {
    return this.#within(() => super.blockquote(source));
  }

  /** @override @param {string} source */
  list(source) {
    return this.#within(() => super.list(source));
  }

  /** @override @param {string} source */
  link(source) {
    return this.#within(() => super.link(source));
  }

  /** @override @param {string} source @param {string} masked @param {string} [before] */
  emStrong(source, masked, before) {
    this.#mark(/^[*_]/.test(source));
    return this.#within(() => super.emStrong(source, masked, before));
  }

  /** @override @param {string} source @param {string} masked @param {string} [before] */
  del(source, masked, before) {
    this.#mark(source[0] === "~");
    return this.#within(() => super.del(source, masked, before));
  }

  /** A row with more cells than the head would lose them (GFM 4.10): such a text is no table. @override @param {string} source */
  table(source) {
    // Judged before: what marked finds in a table it has queued for its inline pass by then.
    const [, head = "", , rows = ""] = this.rules.block.table.exec(source) ?? [];
    const fits = rows.trimEnd().split("\n").every((row) => cellsOf(row) <= cellsOf(head));
    return fits ? super.table(source) : undefined;
  }

  /** @override @param {string} source */
  url(source) {
    return STARTS_ADDRESS.test(source) || MAIL.test(source) ? super.url(source) : undefined;
  }

  /** @param {boolean} one */
  #mark(one) {
    this.marks += one ? 1 : 0;
    if (this.marks > MOST_MARKS) throw new TooManyMarks();
  }

  /** @template T @param {() => T} find @returns {T | undefined} */
  #within(find) {
    if (this.depth >= MOST_DEPTH) return undefined;
    this.depth += 1;
    try {
      return find();
    } finally {
      this.depth -= 1;
    }
  }
}

/** How many cells a row of a table has. @param {string} row */
function cellsOf(row) {
  const inside = row.trim().replace(/^\|/, "");
  const pipes = inside.match(/(?<!\\)(?:\\\\)*\|/g)?.length ?? 0;
  return pipes + (inside.endsWith("|") && !inside.endsWith("\\|") ? 0 : 1);
}

/** @param {string} text @param {Named[]} named   whom it mentions @returns {Token[]} */
export function tokensOf(text, named) {
  const options = { gfm: true, breaks: true, tokenizer: new ChatTokenizer(), ...(named.length > 0 && naming(new Names(named))) };
  return new Lexer(/** @type {any} */ (options)).lex(text);
}

/** Names are tokens of their own, whatever is in them: a «*» in one begins nothing. @param {Names} names */
function naming(names) {
  /** @param {string} source @param {Token[]} before */
  const name = (source, before) => {
    if (source[0] !== "@" || LETTER.test(before.at(-1)?.raw.at(-1) ?? "")) return undefined;
    const found = names.at(source, 0);
    return found === null ? undefined : { type: "named", raw: source.slice(0, found.end), id: found.who.id };
  };
  /** @param {string} masked */
  const emStrongMask = (masked) => {
    for (let at = masked.indexOf("@"); at !== -1; at = masked.indexOf("@", at + 1)) {
      const found = names.at(masked, at);
      if (found !== null) masked = masked.slice(0, at + 1) + "a".repeat(found.end - at - 1) + masked.slice(found.end);
    }
    return masked;
  };
  const start = (/** @type {string} */ source) => source.indexOf("@");
  return { extensions: { renderers: {}, childTokens: {}, inline: [name], startInline: [start] }, hooks: { emStrongMask } };
}
