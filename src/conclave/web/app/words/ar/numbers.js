/**
 * How Arabic counts, and how it says numbers, lists and names.
 *
 * A name may be in any script: in a sentence it stands in an isolate (U+2068 … U+2069), the
 * `<bdi>` of plain text, so that it moves nothing around it. Names hold no such signs themselves.
 */

import { speechOf } from "../speech.js";

const speech = speechOf("ar");
export const { numbers } = speech;

/** @typedef {{one: string, two: string, few: string, many: string, other: string}} Forms   «#» is the number */

/** One and two are words in Arabic; 3 to 10, 11 to 99 and the rest have forms of their own. @param {number} n @param {Forms} forms */
export function count(n, forms) {
  const form = speech.form(n);
  return forms[form === "zero" ? "other" : form].replace("#", numbers.format(n));
}

/** A name, a title or another's text inside of a sentence. @param {string} text */
export const apart = (text) => `\u2068${text}\u2069`;

export const list = { format: (/** @type {string[]} */ names) => speech.list.format(names.map(apart)) };

/** «john وana و3 آخرون». @param {string[]} names */
export function people(names) {
  if (names.length <= 3) return list.format(names);
  const others = count(names.length - 2, { one: "شخص آخر", two: "شخصان آخران", few: "# آخرون", many: "# آخرون", other: "# آخرون" });
  return speech.list.format([...names.slice(0, 2).map(apart), others]);
}

export const messages = { one: "رسالة واحدة", two: "رسالتان", few: "# رسائل", many: "# رسالة", other: "# رسالة" };
export const seconds = { one: "ثانية واحدة", two: "ثانيتين", few: "# ثوانٍ", many: "# ثانية", other: "# ثانية" };
export const persons = { one: "شخص واحد", two: "شخصان", few: "# أشخاص", many: "# شخصًا", other: "# شخص" };
