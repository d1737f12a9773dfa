/** Wie Deutsch zählt, und wie es Zahlen und Listen sagt. */

import { speechOf } from "../speech.js";

const { numbers, list, form } = speechOf("de");
export { list, numbers };

/** @param {number} n @param {string} one @param {string} other mit «#» für die Zahl */
export const count = (n, one, other) => (form(n) === "one" ? one : other).replace("#", numbers.format(n));

/** «john, ana und 3 weitere». @param {string[]} names */
export function people(names) {
  if (names.length <= 3) return list.format(names);
  return list.format([...names.slice(0, 2), `${numbers.format(names.length - 2)} weitere`]);
}
