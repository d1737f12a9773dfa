/** How numbers and lists are said in the page's language. */

export const LANGUAGE = "en";

const plurals = new Intl.PluralRules(LANGUAGE);
export const numbers = new Intl.NumberFormat(LANGUAGE);
export const list = new Intl.ListFormat(LANGUAGE, { style: "long", type: "conjunction" });

/** @param {number} n @param {string} one @param {string} other with «#» for the number */
export const count = (n, one, other) => (plurals.select(n) === "one" ? one : other).replace("#", numbers.format(n));

/** «john, ana and 3 others». @param {string[]} names */
export function people(names) {
  if (names.length <= 3) return list.format(names);
  const others = count(names.length - 2, "# other", "# others");
  return list.format([...names.slice(0, 2), others]);
}
