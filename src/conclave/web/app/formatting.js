/**
 * What a key or a paste does to the text in the field: marks around what is selected, or away
 * from it; an address over words makes them a link. No DOM: an edit says what to put where.
 */

import { pressedOf } from "./pressed.js";

/** @typedef {{from: number, to: number, text: string, start: number, end: number}} Edit   put *text* in the place of from–to, then select start–end */
/** @typedef {"strong" | "em" | "code"} Mark */

/** @type {Record<Mark, string>} */
const MARKS = { strong: "**", em: "*", code: "`" };

/** @type {Record<string, Mark>} */
const KEYS = { b: "strong", i: "em", e: "code" };

const ADDRESS = /^https?:\/\/\S+$/i;

/** The mark that a key means, with Ctrl or Cmd and nothing else. @param {{key: string, code: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean, shiftKey: boolean}} event */
export function markOf(event) {
  const { ctrlKey, metaKey, altKey, shiftKey } = event;
  if (ctrlKey === metaKey || altKey || shiftKey) return null;
  const found = pressedOf(event);
  return Object.hasOwn(KEYS, found) ? (KEYS[found] ?? null) : null;
}

/** Put *mark* around what is selected, or take it away. @param {string} text @param {number} start @param {number} end @param {Mark} mark @returns {Edit} */
export function marked(text, start, end, mark) {
  // A selected space at the edge stays outside: marks beside a space are letters.
  while (start < end && /\s/.test(text.charAt(start))) start += 1;
  while (end > start && /\s/.test(text.charAt(end - 1))) end -= 1;
  const sign = MARKS[mark];
  const { length } = sign;
  const inside = text.slice(start, end);
  const bare = start === end && text.slice(start - length, start + length) === sign + sign;
  if (bare || (standsAt(text, start - length, sign) && standsAt(text, end, sign))) {
    return { from: start - length, to: end + length, text: inside, start: start - length, end: end - length };
  }
  if (inside.length >= 2 * length && standsAt(inside, 0, sign) && standsAt(inside, inside.length - length, sign)) {
    return { from: start, to: end, text: inside.slice(length, -length), start, end: end - 2 * length };
  }
  return { from: start, to: end, text: sign + inside + sign, start: start + length, end: end + length };
}

/** Whether just *sign* stands at *at*: one star of two is another mark. @param {string} text @param {number} at @param {string} sign */
function standsAt(text, at, sign) {
  if (at < 0 || !text.startsWith(sign, at)) return false;
  const [letter = ""] = sign;
  let [from, to] = [at, at + sign.length];
  while (text.charAt(from - 1) === letter) from -= 1;
  while (text.charAt(to) === letter) to += 1;
  // Three stars are strong and emphasis both.
  return to - from === sign.length || to - from === 3;
}

/** What pasting *pasted* over words does; null for what any paste does. @param {string} text @param {number} start @param {number} end @param {string} pasted @returns {Edit | null} */
export function linked(text, start, end, pasted) {
  const address = pasted.trim();
  const words = text.slice(start, end);
  if (words.trim() === "" || words.includes("\n") || ADDRESS.test(words.trim()) || !ADDRESS.test(address)) return null;
  const target = /[()<>]/.test(address) ? `<${address.replace(/[<>]/g, encodeURIComponent)}>` : address;
  const link = `[${words.replace(/[[\]\\]/g, "\\$&")}](${target})`;
  return { from: start, to: end, text: link, start: start + link.length, end: start + link.length };
}
