/**
 * From a text to a tree of what it is made of: paragraphs, lists, code, links, names.
 *
 * It is made of what `tokens.js` finds, and makes no nodes and no HTML. Its size is bounded:
 * a text that goes beyond shows as it was typed.
 */

import { addressOf } from "./addresses.js";
import { partsOf } from "./mentions.js";
import { TooManyMarks, tokensOf } from "./tokens.js";

/** @import { Token, Tokens } from "../vendor/marked.js" */
/** @import { Address } from "./addresses.js" */
/** @import { Named } from "./mentions.js" */
/**
 * @typedef {{kind: "text", text: string}} TextNode
 * @typedef {{kind: "named", text: string, id: string}} NamedNode
 * @typedef {{kind: "em" | "strong" | "strike" | "code", inside: Inline[]}} MarkNode
 * @typedef {{kind: "link", address: Address, inside: Inline[]}} LinkNode
 * @typedef {TextNode | NamedNode | MarkNode | LinkNode} Inline
 * @typedef {{kind: "paragraph", inside: Inline[]}} Paragraph
 * @typedef {{kind: "heading", level: number, inside: Inline[]}} Heading
 * @typedef {{kind: "quote", blocks: Block[]}} QuoteBlock
 * @typedef {{kind: "list", start: number | null, items: Block[][]}} ListBlock   start: null for one without numbers
 * @typedef {{kind: "fence", code: string, language: string, info: string}} Fence   info: all that stands beside the fence
 * @typedef {{kind: "rule"}} Rule
 * @typedef {{kind: "table", aligned: (string | null)[], head: Inline[][], rows: Inline[][][]}} Table
 * @typedef {Paragraph | Heading | QuoteBlock | ListBlock | Fence | Rule | Table} Block
 */

/** Longer texts are drawn as typed: the log takes 4,000 characters unless it was told otherwise. */
const MOST_UNITS = 20_000;
const MOST_NODES = 3_000;
/** Without one of these there is nothing to find but lines. */
const MARKED = /[\\`*_~[<>#|@+-]|\d[.)]|:\/\/|www\.|\n[ \t]*\n/i;

/** The text has more parts than are drawn. */
class TooMany extends Error {}

/**
 * @param {string} text @param {Named[]} named   whom it mentions
 * @param {string} [home]   the page's own address
 * @returns {Block[]}
 */
export function markdown(text, named, home = "") {
  if (text.length > MOST_UNITS || !MARKED.test(text)) return asTyped(text, named);
  try {
    return new Tree(named, home).blocks(tokensOf(text, named));
  } catch (error) {
    if (error instanceof TooMany || error instanceof TooManyMarks) return asTyped(text, named);
    throw error;
  }
}

/** @param {string} text @param {Named[]} named @returns {Block[]} */
const asTyped = (text, named) => [{ kind: "paragraph", inside: withNames(text, named) }];

/** @param {string} text @param {Named[]} named @returns {Inline[]} */
function withNames(text, named) {
  if (named.length === 0) return [textOf(text)];
  return partsOf(text, named).map((part) => (part.id === null ? { kind: "text", text: part.text } : { kind: "named", text: part.text, id: part.id }));
}

/** From marked's tokens to ours. */
class Tree {
  /** @param {Named[]} named @param {string} home */
  constructor(named, home) {
    this.named = named;
    this.home = home;
    this.left = MOST_NODES;
    /** A link in a link would be two. */
    this.inLink = false;
  }

  /** @param {Token[]} tokens @returns {Block[]} */
  blocks(tokens) {
    /** @type {Block[]} */
    const blocks = [];
    /** What stands between this paragraph and the last; null: they are two. @type {string | null} */
    let between = null;
    for (const token of tokens) {
      const block = this.#block(/** @type {any} */ (token));
      const last = blocks.at(-1);
      if (between !== null && block?.kind === "paragraph" && last?.kind === "paragraph") last.inside = joined([...last.inside, textOf(between), ...block.inside]);
      else if (block !== null) blocks.push(block);
      // What is left as typed ends a paragraph for marked: without an empty line it goes on.
      between = block?.kind !== "paragraph" ? null : token.type === "checkbox" ? "" : "\n";
    }
    return blocks;
  }

  /** @param {Tokens.Generic} token @returns {Block | null} */
  #block(token) {
    this.#count();
    switch (token.type) {
      case "space":
        return null;
      case "heading":
        return { kind: "heading", level: token["depth"], inside: this.inside(token.tokens ?? []) };
      case "blockquote":
        return { kind: "quote", blocks: this.blocks(token.tokens ?? []) };
      case "list":
        return { kind: "list", start: token["ordered"] ? Number(token["start"]) : null, items: token["items"].map((/** @type {Tokens.ListItem} */ item) => this.blocks(item.tokens)) };
      case "code":
        return { kind: "fence", code: token["text"], language: languageOf(token["lang"] ?? ""), info: token["lang"] ?? "" };
      case "hr":
        return { kind: "rule" };
      case "table":
        return this.#table(/** @type {Tokens.Table} */ (token));
      default:
        return { kind: "paragraph", inside: this.inside(token.tokens ?? [token]) };
    }
  }

  /** @param {Tokens.Table} table @returns {Table} */
  #table({ align, header, rows }) {
    const cells = (/** @type {Tokens.TableCell[]} */ row) => row.map(({ tokens }) => (this.#count(), this.inside(tokens)));
    return { kind: "table", aligned: align, head: cells(header), rows: rows.map(cells) };
  }

  /** @param {Token[]} tokens @returns {Inline[]} */
  inside(tokens) {
    return joined(tokens.flatMap((token) => this.#inline(/** @type {any} */ (token))));
  }

  /** @param {Tokens.Generic} token @returns {Inline[]} */
  #inline(token) {
    this.#count();
    const { type, raw, tokens = [] } = token;
    switch (type) {
      case "em":
      case "strong":
        return [{ kind: type, inside: this.inside(tokens) }];
      case "del":
        return [{ kind: "strike", inside: this.inside(tokens) }];
      case "codespan":
        return [{ kind: "code", inside: withNames(token["text"], this.named) }];
      case "link":
      case "image":
        return this.#link(token);
      case "named":
        return [{ kind: "named", text: raw, id: token["id"] }];
      case "br":
        return [textOf(raw.slice(raw.indexOf("\n")))];
      case "checkbox":
        return [textOf(token["checked"] ? "☑ " : "☐ ")];
      case "escape":
        return [textOf(token["text"])];
      default:
        return tokens.length > 0 ? this.inside(tokens) : [textOf(raw)];
    }
  }

  /** An image is a link to it: nothing is asked for before somebody wants it. @param {Tokens.Generic} token @returns {Inline[]} */
  #link({ type, raw, href, text, autolink, tokens = [] }) {
    const target = autolink === true ? href.replace(/^http:\/\/(?=www\.)/i, raw.startsWith("www.") ? "https://" : "http://") : href;
    if (this.inLink) return withNames(text || raw, this.named);
    this.inLink = true;
    const label = type === "image" || text === "" ? [] : this.inside(tokens);
    this.inLink = false;
    const shown = label.length > 0 ? label : [textOf(text || target)];
    const address = addressOf(target, wordsOf(shown), this.home);
    return address === null ? withNames(raw, this.named) : [{ kind: "link", address, inside: shown }];
  }

  #count() {
    this.left -= 1;
    if (this.left < 0) throw new TooMany();
  }
}

/** @param {string} text @returns {TextNode} */
const textOf = (text) => ({ kind: "text", text });

/** Texts that follow each other as one. @param {Inline[]} nodes @returns {Inline[]} */
function joined(nodes) {
  /** @type {Inline[]} */
  const found = [];
  for (const node of nodes) {
    const last = found.at(-1);
    if (node.kind === "text" && last?.kind === "text") found[found.length - 1] = textOf(last.text + node.text);
    else found.push(node);
  }
  return found;
}

/** @param {string} info */
const languageOf = (info) => (/^[\w+#.-]{1,32}(?=\s|$)/.exec(info)?.[0] ?? "").toLowerCase();

/** What *inside* says, without how. @param {Inline[]} inside @returns {string} */
export const wordsOf = (inside) => inside.map((node) => ("text" in node ? node.text : wordsOf(node.inside))).join("");
