/** Markdown as the log draws it: what is found, what stays as typed, and how long it may take. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Announcer } from "../../src/conclave/web/app/announcer.js";
import { addressOf } from "../../src/conclave/web/app/addresses.js";
import { markdown, wordsOf } from "../../src/conclave/web/app/markdown.js";
import { plainOf, plainSnippet } from "../../src/conclave/web/app/plain.js";
import { firstSeed, randomOf } from "./seeds.js";

const HOME = "https://chat.example/";
const ANA = { id: "u1", name: "ana" };

/** @param {any} node @returns {any} a shorter way to write a tree */
function short(node) {
  if (Array.isArray(node)) return node.map(short);
  switch (node.kind) {
    case "text":
      return node.text;
    case "named":
      return ["named", node.text, node.id];
    case "link":
      return ["link", node.address.href, node.address.shows, ...short(node.inside)];
    case "quote":
      return ["quote", ...short(node.blocks)];
    case "list":
      return ["list", node.start, ...node.items.map(short)];
    case "fence":
      return ["fence", node.language, node.code];
    case "rule":
      return ["rule"];
    case "table":
      return ["table", node.aligned, short(node.head), ...node.rows.map(short)];
    case "heading":
      return ["heading", node.level, ...short(node.inside)];
    default:
      return [node.kind, ...short(node.inside)];
  }
}

/** @param {string} text @param {{id: string, name: string}[]} [named] */
const tree = (text, named = []) => short(markdown(text, named, HOME));

/** @param {string} text @param {{id: string, name: string}[]} [named] the inside of the only paragraph */
function line(text, named = []) {
  const blocks = tree(text, named);
  assert.equal(blocks.length, 1, JSON.stringify(blocks));
  assert.equal(blocks[0][0], "paragraph");
  return blocks[0].slice(1);
}

test("emphasis, strong, strike and code are found, also in each other", () => {
  assert.deepEqual(line("a *b* _c_ **d** __e__ ~~f~~ `g*h*`"), [
    "a ", ["em", "b"], " ", ["em", "c"], " ", ["strong", "d"], " ", ["strong", "e"], " ", ["strike", "f"], " ", ["code", "g*h*"],
  ]); // prettier-ignore
  assert.deepEqual(line("**a *b ~~c~~***"), [["strong", "a ", ["em", "b ", ["strike", "c"]]]]);
  assert.deepEqual(line("snake_case_name 2*3*4 a * b \\*no\\*"), ["snake_case_name 2", ["em", "3"], "4 a * b *no*"]);
});

test("lines break where they were broken, and an empty line begins a paragraph", () => {
  assert.deepEqual(tree("one\ntwo\n  three\n\nfour"), [["paragraph", "one\ntwo\n  three"], ["paragraph", "four"]]);
  assert.deepEqual(tree("  leading\tand  inner  spaces"), [["paragraph", "  leading\tand  inner  spaces"]]);
});

test("what a chat does not have stays as it was typed", () => {
  for (const text of [
    "<b>bold</b> <script>alert(1)</script>",
    "<div>\n<p>x</p>\n</div>",
    "before\n<div>\nafter",
    "<!-- not there -->",
    "[x]: https://evil.example",
    "[x][y]\n[y]: https://evil.example",
    "    four spaces\n    again",
    "title\n=====",
    "&lt;b&gt; &#x3c; &amp; &copy;",
    "[a](javascript:alert(1))",
    "[a](data:text/html,x) [b](vbscript:x) [c](//evil.example) [d](/logout) [e](#x) [f]()",
    "<javascript:alert(1)> ftp://files.example",
    "#general",
  ]) {
    const [block, ...more] = markdown(text, [], HOME);
    assert.deepEqual([block?.kind, more.length], ["paragraph", 0], text);
    assert.equal(block?.kind === "paragraph" && wordsOf(block.inside), text);
  }
});

test("fences keep their code letter by letter, and name their language", () => {
  assert.deepEqual(tree("```python\nprint(1)\n  <b>*x*\n```\nafter"), [["fence", "python", "print(1)\n  <b>*x*"], ["paragraph", "after"]]);
  assert.deepEqual(tree("~~~\na\n\n\nb\n~~~"), [["fence", "", "a\n\n\nb"]]);
  assert.deepEqual(tree("```C++ title=x\nnot closed"), [["fence", "c++", "not closed"]]);
});

test("quotes, lists, headings, rules and tables are blocks", () => {
  assert.deepEqual(tree("> a\n> > b\n\nc"), [["quote", ["paragraph", "a"], ["quote", ["paragraph", "b"]]], ["paragraph", "c"]]);
  assert.deepEqual(tree("- a\n- b\n  1. c\n  2. d"), [["list", null, [["paragraph", "a"]], [["paragraph", "b"], ["list", 1, [["paragraph", "c"]], [["paragraph", "d"]]]]]]);
  assert.deepEqual(tree("7. x\n8. y"), [["list", 7, [["paragraph", "x"]], [["paragraph", "y"]]]]);
  assert.deepEqual(tree("- [ ] a\n- [x] b"), [["list", null, [["paragraph", "☐ a"]], [["paragraph", "☑ b"]]]]);
  assert.deepEqual(tree("# A\n### *B*\n---"), [["heading", 1, "A"], ["heading", 3, ["em", "B"]], ["rule"]]);
  assert.deepEqual(tree("|a|b|\n|:-:|-:|\n|1|`2`|"), [["table", ["center", "right"], [["a"], ["b"]], [["1"], [["code", "2"]]]]]);
});

test("links lead to the web and to mail alone", () => {
  assert.deepEqual(line("see https://a.example/b?c=d."), ["see ", ["link", "https://a.example/b?c=d", null, "https://a.example/b?c=d"], "."]);
  assert.deepEqual(line("www.a.example"), [["link", "https://www.a.example/", null, "www.a.example"]]);
  assert.deepEqual(line("ask ada@a.example now"), ["ask ", ["link", "mailto:ada@a.example", null, "ada@a.example"], " now"]);
  assert.deepEqual(line("[the *docs*](https://a.example/docs)"), [["link", "https://a.example/docs", null, "the ", ["em", "docs"]]]);
  assert.deepEqual(line("![a cat](https://a.example/cat.png)"), [["link", "https://a.example/cat.png", null, "a cat"]]);
  assert.deepEqual(line("[![cat](https://a.example/c.png)](https://b.example/)"), [["link", "https://b.example/", null, "cat"]]);
});

test("a label that looks like another address stands beside the true one", () => {
  const shows = (/** @type {string} */ target, /** @type {string} */ label) => addressOf(target, label)?.shows;
  assert.equal(shows("https://evil.example/", "https://bank.example/"), "https://evil.example");
  assert.equal(shows("https://evil.example/x", "bank.example"), "https://evil.example/x");
  assert.equal(shows("https://evil.example/x", "log in at www.bank.example now"), "https://evil.example/x");
  assert.equal(shows("https://bank.example@evil.example/", "https://bank.example@evil.example/"), "https://bank.example@evil.example");
  assert.equal(shows("https://bänk.example/", "bänk.example"), "https://xn--bnk-qla.example");
  assert.equal(shows("mailto:eve@evil.example", "ada@bank.example"), "eve@evil.example");
  assert.equal(shows("https://bank.example/a", "https://bank.example/b"), "https://bank.example/a");
  for (const label of ["bank.example", "www.bank.example", "https://bank.example/login", "the bank", "v1.2.3", "10:30"]) {
    assert.equal(shows("https://bank.example/login", label), null, label);
  }
  assert.equal(addressOf("https://chat.example/#general/12", "there", HOME)?.here, true);
  assert.equal(addressOf("https://chat.example/#invite=abcdefgh", "there", HOME)?.here, false);
  assert.equal(addressOf("https://other.example/#general/12", "there", HOME)?.here, false);
  for (const target of ["https:evil.example", "https:/\\evil.example", "java\nscript:alert(1)", "http://a b", "https://", " https://a.example", "blob:https://a.example/1"]) {
    assert.equal(addressOf(target, "x"), null, target);
  }
});

test("names are marked wherever they stand, and begin nothing themselves", () => {
  assert.deepEqual(line("**@ana** and @ana!", [ANA]), [["strong", ["named", "@ana", "u1"]], " and ", ["named", "@ana", "u1"], "!"]);
  assert.deepEqual(tree("> - @ana", [ANA]), [["quote", ["list", null, [["paragraph", ["named", "@ana", "u1"]]]]]]);
  assert.deepEqual(line("me@ana.example", [ANA]), [["link", "mailto:me@ana.example", null, "me@ana.example"]]);
  assert.deepEqual(line("`@ana`", [ANA]), [["code", ["named", "@ana", "u1"]]]);
  const star = { id: "u2", name: "a*b_c*" };
  assert.deepEqual(line("*x @a*b_c* y*", [star]), [["em", "x ", ["named", "@a*b_c*", "u2"], " y"]]);
  const tag = { id: "u3", name: "<img src=x onerror=alert(1)>" };
  assert.deepEqual(line("@<img src=x onerror=alert(1)>", [tag]), [["named", "@<img src=x onerror=alert(1)>", "u3"]]);
  const long = { id: "u4", name: "x".repeat(64) };
  assert.deepEqual(line(`@${long.name} *a*`, [long]), [["named", `@${long.name}`, "u4"], " ", ["em", "a"]]);
});

test("in one line and aloud a message is plain words", () => {
  assert.equal(plainOf("**Now** see [the docs](https://a.example), `x` and ~~y~~"), "Now see the docs, x and y");
  assert.equal(plainOf("# Plan\n- one\n- two\n\n> said\n\n```js\nlet a;\n```"), "Plan\n• one\n• two\n» said\nlet a;");
  assert.equal(plainOf("3. c\n4. d"), "3. c\n4. d");
  assert.equal(plainOf("|a|b|\n|-|-|\n|1|2|"), "a · b\n1 · 2");
  assert.equal(plainOf("<b>kept</b> snake_case"), "<b>kept</b> snake_case");
});

test("what is announced has no marks", () => {
  const announcer = new Announcer();
  announcer.heard({ user: "ana", text: "**Now**: [the docs](https://a.example)" });
  assert.equal(announcer.say(0), "ana: Now: the docs");
});

test("what was found stays marked when the marks go", () => {
  const snippet = [{ text: "the **quiet ", hit: false }, { text: "ledger", hit: true }, { text: "** is `here` ", hit: false }, { text: "\uE0F0", hit: true }];
  assert.deepEqual(plainSnippet(snippet), [{ text: "the quiet ", hit: false }, { text: "ledger", hit: true }, { text: " is here ", hit: false }]);
  const half = [{ text: "[docs](https://a.example/", hit: false }, { text: "ledger", hit: true }, { text: ") after", hit: false }];
  assert.equal(plainSnippet(half).map(({ text }) => text).join(""), "docs after");
});

/** Each made as long as a message may be; what a parser may choke on. @type {Record<string, string>} */
const CHOKING = {
  stars: "*".repeat(10_000),
  underscores: "_".repeat(10_000),
  tildes: "~".repeat(10_000),
  brackets: "[".repeat(4_000),
  images: "![".repeat(2_000),
  "open links": "[a](".repeat(1_000),
  "nested links": "[".repeat(2_000) + "a" + "](https://b.example)".repeat(100),
  "open parentheses": `[a](${"(".repeat(3_900)}`,
  quotes: ">".repeat(4_000),
  "spaced quotes": "> ".repeat(2_000),
  "quoted lists": "> - ".repeat(1_000),
  "lazy quotes": "> - a\nb\n".repeat(500),
  "deep lists": Array.from({ length: 80 }, (_, n) => `${" ".repeat(n)}- a`).join("\n"),
  "lists in a line": "- ".repeat(2_000),
  "numbers in a line": "1. ".repeat(1_300),
  "a long list": "- a\n".repeat(1_000),
  "a long table": `|a|b|\n|-|-|\n${"|c|d|\n".repeat(650)}`,
  "a wide table": `${"|a".repeat(1_000)}\n${"|-".repeat(1_000)}`,
  "many emphases": "*a* ".repeat(1_000),
  "crossed emphases": "*a_ ".repeat(1_000),
  "open emphases": "**a *b ".repeat(570),
  "words of underscores": "a_".repeat(2_000),
  backticks: Array.from({ length: 88 }, (_, n) => `${"`".repeat(n + 1)}a`).join(""),
  backslashes: "\\".repeat(4_000),
  fences: "```\n".repeat(1_000),
  hashes: "# ".repeat(2_000),
  lines: "a\n".repeat(2_000),
  "empty lines": "\n".repeat(4_000),
  spaces: `a${" ".repeat(3_998)}b`,
  tags: "<a ".repeat(1_300),
  "angle brackets": "<".repeat(4_000),
  "mail without an end": `${"a".repeat(3_990)}@`,
  "mail of dots": `${"a.".repeat(1_990)}@b`,
  "half mails": "a@".repeat(2_000),
  addresses: "https://a.example/ ".repeat(200),
  "half addresses": "http://".repeat(570),
  webs: "www.".repeat(1_000),
  everything: "*_~`[<@#>|".repeat(400),
  names: "@ana*".repeat(800),
};

test("a table whose rows have more cells than its head loses none: it is shown as typed", () => {
  const kept = markdown("|a|b|\n|-|-|\n|1|2|\n|3|\n|4\\|5|6", [], HOME);
  assert.deepEqual(kept.map(({ kind }) => kind), ["table"]);
  const typed = markdown("|a|\n|-|\n|1|word|", [], HOME);
  assert.deepEqual(typed.map(({ kind }) => kind), ["paragraph"]);
  assert.match(JSON.stringify(typed), /word/);
});

test("no text keeps the page busy, however it is made", (context) => {
  /** @type {Record<string, number>} */
  const took = {};
  for (const [what, text] of Object.entries(CHOKING)) {
    // The best of three, of the processor's time: what others take is not the parser's.
    took[what] = Math.min(...[1, 2, 3].map(() => timed(() => markdown(text, [ANA], HOME))));
  }
  const [slowest = "", most = 0] = Object.entries(took).sort(([, a], [, b]) => b - a)[0] ?? [];
  context.diagnostic(`${Object.keys(CHOKING).length} texts, slowest ${slowest}: ${most.toFixed(1)} ms`);
  assert.ok(most < 150, `${slowest} took ${most.toFixed(1)} ms`);
});

/** @param {() => unknown} what */
function timed(what) {
  const begun = process.cpuUsage();
  what();
  return process.cpuUsage(begun).user / 1_000;
}

test("marks that close nothing are looked into some hundred times, and then all is as it was typed", () => {
  for (const mark of ["*a_", "**a_", "*_a", "~a*", "> *a_**a_"]) {
    const text = mark.repeat(1_000).slice(0, 4_000);
    assert.deepEqual(markdown(text, []), [{ kind: "paragraph", inside: [{ kind: "text", text }] }], mark);
  }
  assert.equal(JSON.stringify(markdown("*so* ".repeat(200), [])).split('"em"').length, 201);
});

test("whatever is typed becomes a bounded tree that says all of it", () => {
  const seed = firstSeed;
  const random = randomOf(seed);
  const pieces = ["*", "**", "_", "~~", "`", "```\n", "[", "](", "https://a.example", ")", "> ", "- ", "1. ", "\n", "\n\n", "|", "|-|", "# ", "<b>", "@ana", "word ", "&lt;", "\\", "!", "  "];
  for (let n = 0; n < 2_000; n += 1) {
    const text = Array.from({ length: 1 + Math.floor(random() * 40) }, () => pieces[Math.floor(random() * pieces.length)]).join("");
    const blocks = markdown(text, [ANA], HOME);
    assert.ok(depthOf(blocks) <= 16, `seed ${seed}: ${JSON.stringify(text)}`);
    const words = text.match(/word/g)?.length ?? 0;
    const said = JSON.stringify(blocks).match(/word/g)?.length ?? 0;
    assert.ok(said >= words, `seed ${seed}: ${JSON.stringify(text)}`);
  }
});

/** @param {unknown} node @returns {number} how deep blocks and marks stand in each other */
function depthOf(node) {
  if (Array.isArray(node)) return Math.max(0, ...node.map(depthOf));
  if (typeof node !== "object" || node === null) return 0;
  return 1 + Math.max(0, ...Object.values(node).map(depthOf));
}

test("too long or too many parts show as typed", () => {
  const long = "*a* ".repeat(6_000);
  assert.deepEqual(tree(long), [["paragraph", long]]);
  const many = "*a*b".repeat(2_000);
  assert.deepEqual(tree(many), [["paragraph", many]]);
});
