/** How English counts, and how it says numbers and lists. */

import { speechOf } from "../speech.js";

const { numbers, list, form } = speechOf("en");
export { list, numbers };

/** @param {number} n @param {string} one @param {string} other with «#» for the number */
export const count = (n, one, other) => (form(n) === "one" ? one : other).replace("#", numbers.format(n));

/** «john, ana and 3 others». @param {string[]} names */
export function people(names) {
  if (names.length <= 3) return list.format(names);
  const others = count(names.length - 2, "# other", "# others");
  return list.format([...names.slice(0, 2), others]);
}
