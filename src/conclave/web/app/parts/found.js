/** The words that a search found, marked in the message it led to, without a change to its nodes. */

/** @import { Page } from "../page.js" */

const NAME = "found";

/** Mark in the line *seq* of the open room what was found there; null: in none. @param {Page} page @param {number | null} seq */
export function markFound({ finding, place }, seq) {
  // A browser that cannot do it shows the message alone.
  if (!("highlights" in CSS)) return;
  const hit = seq === null ? undefined : finding.hits.find((one) => one.seq === seq && one.room === place.room);
  const text = hit && document.querySelector(`#line-${seq} .text`);
  if (!hit || !text) return void CSS.highlights.delete(NAME);
  const words = new Set(hit.snippet.filter((part) => part.hit).map((part) => part.text));
  CSS.highlights.set(NAME, new Highlight(...[...words].flatMap((word) => rangesOf(text, word))));
}

/** @param {Element} text @param {string} word */
function rangesOf(text, word) {
  /** @type {Range[]} */
  const found = [];
  if (word === "") return found;
  const nodes = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  for (let node = nodes.nextNode(); node !== null; node = nodes.nextNode()) {
    const said = node.nodeValue ?? "";
    for (let at = said.indexOf(word); at >= 0; at = said.indexOf(word, at + word.length)) {
      const range = new Range();
      range.setStart(node, at);
      range.setEnd(node, at + word.length);
      found.push(range);
    }
  }
  return found;
}
