/**
 * Code in pieces of one kind each: keyword, string, comment. What is highlighted, and the
 * grammar of its language, are loaded when the first code of that language is on screen.
 *
 * highlight.js finds the scopes; its own renderer, which writes HTML, is replaced by one that
 * keeps a list. A language nobody knows here, or code too long to bother, stays as it is.
 */

/** @typedef {"keyword" | "string" | "comment" | "number" | "title" | "type" | "meta" | "added" | "gone"} Kind */
/** @typedef {{text: string, kind: Kind | null}} Piece */

/** @type {Record<string, () => Promise<{default: unknown}>>} */
const GRAMMARS = {
  bash: () => import("../vendor/highlight/bash.js"),
  c: () => import("../vendor/highlight/c.js"),
  cpp: () => import("../vendor/highlight/cpp.js"),
  csharp: () => import("../vendor/highlight/csharp.js"),
  css: () => import("../vendor/highlight/css.js"),
  diff: () => import("../vendor/highlight/diff.js"),
  dockerfile: () => import("../vendor/highlight/dockerfile.js"),
  go: () => import("../vendor/highlight/go.js"),
  http: () => import("../vendor/highlight/http.js"),
  ini: () => import("../vendor/highlight/ini.js"),
  java: () => import("../vendor/highlight/java.js"),
  javascript: () => import("../vendor/highlight/javascript.js"),
  json: () => import("../vendor/highlight/json.js"),
  kotlin: () => import("../vendor/highlight/kotlin.js"),
  lua: () => import("../vendor/highlight/lua.js"),
  makefile: () => import("../vendor/highlight/makefile.js"),
  markdown: () => import("../vendor/highlight/markdown.js"),
  nginx: () => import("../vendor/highlight/nginx.js"),
  perl: () => import("../vendor/highlight/perl.js"),
  php: () => import("../vendor/highlight/php.js"),
  powershell: () => import("../vendor/highlight/powershell.js"),
  python: () => import("../vendor/highlight/python.js"),
  ruby: () => import("../vendor/highlight/ruby.js"),
  rust: () => import("../vendor/highlight/rust.js"),
  sql: () => import("../vendor/highlight/sql.js"),
  swift: () => import("../vendor/highlight/swift.js"),
  typescript: () => import("../vendor/highlight/typescript.js"),
  xml: () => import("../vendor/highlight/xml.js"),
  yaml: () => import("../vendor/highlight/yaml.js"),
};

/** Other names people write beside a fence. */
const ALSO = new Map(
  Object.entries({
    "c++": "cpp", "c#": "csharp", cs: "csharp", cc: "cpp", h: "c", hpp: "cpp", docker: "dockerfile", golang: "go",
    html: "xml", svg: "xml", js: "javascript", jsx: "javascript", mjs: "javascript", jsonc: "json", kt: "kotlin",
    make: "makefile", md: "markdown", patch: "diff", pl: "perl", postgres: "sql", sqlite: "sql", ps1: "powershell",
    py: "python", pyi: "python", rb: "ruby", rs: "rust", sh: "bash", shell: "bash", zsh: "bash", console: "bash",
    toml: "ini", ts: "typescript", tsx: "typescript", yml: "yaml",
  }),
); // prettier-ignore

/** Longer code is shown without colours. */
const MOST_UNITS = 8_000;

/** The first word of a scope → what it is here. @type {Record<string, Kind>} */
const KINDS = {
  keyword: "keyword", literal: "keyword", built_in: "keyword", tag: "keyword", name: "keyword", "selector-tag": "keyword",
  string: "string", regexp: "string", char: "string", symbol: "string", link: "string", code: "string",
  comment: "comment", quote: "comment", doctag: "comment", number: "number", title: "title", section: "title",
  type: "type", class: "type", attr: "type", attribute: "type", property: "type", "selector-class": "type", "selector-id": "type",
  meta: "meta", bullet: "meta", variable: "meta", "template-variable": "meta", addition: "added", deletion: "gone",
}; // prettier-ignore

/** The language that *name* means; null when it is not known here. @param {string} name */
export function languageOf(name) {
  const found = ALSO.get(name) ?? name;
  return Object.hasOwn(GRAMMARS, found) ? found : null;
}

/** The names of all languages. */
export const LANGUAGES = Object.keys(GRAMMARS);

/** @type {Promise<any> | null} */
let loading = null;

function core() {
  loading ??= import("../vendor/highlight/core.js").then(({ default: first }) => {
    const own = first.newInstance();
    own.configure({ __emitter: Pieces });
    return own;
  });
  return loading;
}

/**
 * *code* in pieces; null when it is not to be told apart. Never fails: code that a grammar
 * chokes on, or a file that cannot be had, leaves it as it is.
 *
 * @param {string} code @param {string} language   of `languageOf`
 * @returns {Promise<Piece[] | null>}
 */
export async function piecesOf(code, language) {
  const grammar = Object.hasOwn(GRAMMARS, language) ? GRAMMARS[language] : undefined;
  if (grammar === undefined || code.length > MOST_UNITS) return null;
  try {
    const highlighter = await core();
    if (!highlighter.getLanguage(language)) highlighter.registerLanguage(language, (await grammar()).default);
    const { pieces } = highlighter.highlight(code, { language, ignoreIllegals: true })._emitter;
    return pieces.map((/** @type {Piece} */ { text }) => text).join("") === code ? pieces : null;
  } catch {
    return null;
  }
}

/** What highlight.js tells while it reads, as a list: it asks for HTML and gets none. */
class Pieces {
  constructor() {
    /** @type {Piece[]} */
    this.pieces = [];
    /** @type {(Kind | null)[]} */
    this.open = [];
  }

  /** @param {string} text */
  addText(text) {
    const kind = this.open.findLast((one) => one !== null) ?? null;
    const last = this.pieces.at(-1);
    if (last?.kind === kind) last.text += text;
    else if (text !== "") this.pieces.push({ text, kind });
  }

  /** @param {string} scope */
  startScope(scope) {
    const [first = "", second = ""] = scope.split(".");
    this.open.push(first === "title" && second === "class" ? "type" : (KINDS[first] ?? null));
  }

  endScope() {
    this.open.pop();
  }

  /** @param {string} scope */
  openNode(scope) {
    this.startScope(scope);
  }

  closeNode() {
    this.endScope();
  }

  /** @param {Pieces} inner */
  __addSublanguage({ pieces }) {
    for (const { text, kind } of pieces) {
      this.open.push(kind);
      this.addText(text);
      this.open.pop();
    }
  }

  closeAllNodes() {
    this.open = [];
  }

  finalize() {
    this.closeAllNodes();
  }

  toHTML() {
    return "";
  }
}
