/**
 * From a text to a tree of what it is made of: paragraphs, lists, code, links, names.
 *
 * `marked` finds the tokens; this keeps those a chat has and leaves the rest as typed: HTML,
 * indented code, headings by underlines, footnote-like definitions. It makes no nodes and no
 * HTML. Depth and size are bounded: a text that goes beyond shows as it was typed.
 */

import { Lexer, Tokenizer } from "../vendor/marked.js";
import { addressOf } from "./addresses.js";
import { LETTER, Names, partsOf } from "./mentions.js";

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
const MOST_DEPTH = 6;
const MOST_NODES = 3_000;
/** Without one of these there is nothing to find but lines. */
const MARKED = /[\\`*_~[<>#|@+-]|\d[.)]|:\/\/|www\.|\n[ \t]*\n/i;
/** The longest local part that an address of mail may have (RFC 5321, 4.5.3.1.1). */
const MAIL = /^[\w.+-]{1,64}@/;
const STARTS_ADDRESS = /^(?:https?:\/\/|ftp:\/\/|www\.)/i;

/** One text's tokens: what a chat has no use for is not looked for. */
class ChatTokenizer extends Tokenizer {
  depth = 0;

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
    return this.#within(() => super.emStrong(source, masked, before));
  }

  /** @override @param {string} source @param {string} masked @param {string} [before] */
  del(source, masked, before) {
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
    if (error instanceof TooMany) return asTyped(text, named);
    throw error;
  }
}

/** @param {string} text @param {Named[]} named @returns {Block[]} */
const asTyped = (text, named) => [{ kind: "paragraph", inside: withNames(text, named) }];

/** How many cells a row of a table has. @param {string} row */
function cellsOf(row) {
  const inside = row.trim().replace(/^\|/, "");
  const pipes = inside.match(/(?<!\\)(?:\\\\)*\|/g)?.length ?? 0;
  return pipes + (inside.endsWith("|") && !inside.endsWith("\\|") ? 0 : 1);
}

/** @param {string} text @param {Named[]} named @returns {Inline[]} */
function withNames(text, named) {
  if (named.length === 0) return [textOf(text)];
  return partsOf(text, named).map((part) => (part.id === null ? { kind: "text", text: part.text } : { kind: "named", text: part.text, id: part.id }));
}

/** @param {string} text @param {Named[]} named @returns {Token[]} */
function tokensOf(text, named) {
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
