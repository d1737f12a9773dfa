/**
 * «@name» in a text: whom one is about to name, whom a text names, and where to draw it.
 * Names may have spaces and letters of any script; the longest name that fits is meant.
 */

/** @typedef {{id: string, name: string}} Named */
/** @typedef {{text: string, id: string | null}} Part   id: the person this part names */

/** What the wire takes for one message. */
const MOST_MENTIONS = 50;
const LONGEST_QUERY = 64;
const LETTER = /[\p{L}\p{N}_]/u;

/** @param {string} text */
const fold = (text) => text.toLocaleLowerCase();

/**
 * The «@…» that is being written at *caret*: where it begins, and what stands behind the «@».
 *
 * @param {string} text @param {number} caret
 */
export function begunAt(text, caret) {
  const at = text.lastIndexOf("@", caret - 1);
  const query = text.slice(at + 1, caret);
  const before = text.slice(0, at).at(-1) ?? " ";
  if (at === -1 || LETTER.test(before) || query.length > LONGEST_QUERY || /^\s|[\n@]/.test(query)) return null;
  return { at, query };
}

/**
 * Who of *people* is meant by the beginning *query* of a name, or of a word in it.
 *
 * @param {string} query @param {Named[]} people
 */
export function matching(query, people) {
  const wanted = fold(query);
  const begins = (/** @type {string} */ name) => name.startsWith(wanted) || name.includes(` ${wanted}`);
  return people.filter(({ name }) => begins(fold(name)));
}

/**
 * *text* in parts, those that name one of *people* with their id.
 *
 * @param {string} text @param {Named[]} people
 * @returns {Part[]}
 */
export function partsOf(text, people) {
  const longestFirst = people.filter(({ name }) => name !== "").sort((a, b) => b.name.length - a.name.length);
  /** @type {Part[]} */
  const parts = [];
  let from = 0;
  for (let at = text.indexOf("@"); at !== -1; at = text.indexOf("@", at + 1)) {
    const found = at < from ? undefined : longestFirst.find(({ name }) => stands(text, at, name));
    if (found === undefined) continue;
    const end = at + 1 + found.name.length;
    if (at > from) parts.push({ text: text.slice(from, at), id: null });
    parts.push({ text: text.slice(at, end), id: found.id });
    from = end;
  }
  if (from < text.length) parts.push({ text: text.slice(from), id: null });
  return parts;
}

/**
 * The ids of those of *people* whom *text* names.
 *
 * @param {string} text @param {Named[]} people
 */
export function namedIn(text, people) {
  const ids = partsOf(text, people).map(({ id }) => id);
  return [...new Set(ids.filter((id) => id !== null))].slice(0, MOST_MENTIONS);
}

/** Whether «@name» stands in *text* at *at*, as a word of its own. @param {string} text @param {number} at @param {string} name */
function stands(text, at, name) {
  const end = at + 1 + name.length;
  if (fold(text.slice(at + 1, end)) !== fold(name)) return false;
  return !LETTER.test(text.slice(0, at).at(-1) ?? " ") && !LETTER.test(text.slice(end)[0] ?? " ");
}
