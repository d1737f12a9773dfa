/** Keys and pastes in the field: marks come, go again, and a pasted address makes a link. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { linked, marked, markOf } from "../../src/conclave/web/app/formatting.js";

/** «[» and «]» of *text* are the selection; what comes of *edit* is written the same way. @param {string} text @param {(text: string, start: number, end: number) => any} edit */
function after(text, edit) {
  const start = text.indexOf("[");
  const end = text.indexOf("]") - 1;
  const plain = text.replace("[", "").replace("]", "");
  const found = edit(plain, start, end);
  if (found === null) return null;
  const whole = plain.slice(0, found.from) + found.text + plain.slice(found.to);
  return `${whole.slice(0, found.start)}[${whole.slice(found.start, found.end)}]${whole.slice(found.end)}`;
}

/** @param {"strong" | "em" | "code"} mark @returns {(text: string, start: number, end: number) => any} */
const put = (mark) => (text, start, end) => marked(text, start, end, mark);

test("marks go around what is selected, without the spaces at its edges", () => {
  assert.equal(after("a [word] b", put("strong")), "a **[word]** b");
  assert.equal(after("a[ word ]b", put("em")), "a *[word]* b");
  assert.equal(after("[x]", put("code")), "`[x]`");
  assert.equal(after("a []b", put("strong")), "a **[]**b");
});

test("the same key takes them away, from inside and from outside", () => {
  assert.equal(after("a **[word]** b", put("strong")), "a [word] b");
  assert.equal(after("a [**word**] b", put("strong")), "a [word] b");
  assert.equal(after("[*x*]", put("em")), "[x]");
  assert.equal(after("`[x]`", put("code")), "[x]");
  assert.equal(after("**[]**", put("strong")), "[]");
});

test("strong and emphasis do not take each other's stars", () => {
  assert.equal(after("**[word]**", put("em")), "***[word]***");
  assert.equal(after("***[word]***", put("em")), "**[word]**");
  assert.equal(after("***[word]***", put("strong")), "*[word]*");
});

test("a key is one with Ctrl or Cmd alone", () => {
  const key = (/** @type {object} */ more) => markOf({ key: "b", code: "", ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });
  assert.equal(key({ ctrlKey: true }), "strong");
  assert.equal(key({ metaKey: true, key: "I" }), "em");
  assert.equal(key({ ctrlKey: true, key: "e" }), "code");
  assert.equal(key({ ctrlKey: true, key: "لا", code: "KeyB" }), "strong");
  for (const more of [{}, { ctrlKey: true, altKey: true }, { ctrlKey: true, shiftKey: true }, { ctrlKey: true, key: "constructor" }]) assert.equal(key(more), null);
});

test("an address pasted over words makes them a link", () => {
  const paste = (/** @type {string} */ text, /** @type {string} */ pasted) => after(text, (plain, start, end) => linked(plain, start, end, pasted));
  assert.equal(paste("see [the docs] now", " https://a.example/x "), "see [the docs](https://a.example/x)[] now");
  assert.equal(paste("[a]", "https://a.example/x_(y)"), "[a](<https://a.example/x_(y)>)[]");
  assert.equal(linked("a [b] c", 0, 7, "https://a.example")?.text, "[a \\[b\\] c](https://a.example)");
  for (const [text = "", pasted = ""] of [["see []", "https://a.example"], ["[https://b.example]", "https://a.example"], ["[x]", "javascript:alert(1)"], ["[x]", "https://a.example and more"], ["[a\nb]", "https://a.example"]]) {
    assert.equal(paste(text, pasted), null, `${text} ${pasted}`);
  }
});
