/**
 * How the palette finds: by the beginnings of words, by what stands inside them, and by letters in
 * their order, so that «gnl» finds «general». What was used lately comes first. No DOM here.
 */

/**
 * @typedef {object} Choice   one line of the palette
 * @property {string} key     tells it from all others, and is what is remembered of its use
 * @property {"room" | "person" | "deed"} kind
 * @property {string} name
 * @property {string} [also]  found by this too
 * @property {string} [hint]
 * @property {string} icon
 * @property {string} [keys]  the keys that do the same
 * @property {number} [unread]
 * @property {() => void} act
 */

/** More than anybody looks through. */
const MOST_SHOWN = 30;
/** Of an empty field: a list that is read at a glance. */
const MOST_BEFORE_TYPING = 12;
export const MOST_RECENT = 20;

/** How well letters fit: a word's beginning, inside of it, or only in their order. */
const BEGINS = 3;
const INSIDE = 2;
const IN_ORDER = 1;

/** Case and accents are no matter. @param {string} text */
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();

/** @param {string} text */
export const wordsIn = (text) => plain(text).split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");

/** @param {string} letters @param {string} word */
function inOrder(letters, word) {
  let at = 0;
  for (const letter of letters) {
    at = word.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

/** @param {string} wanted @param {string[]} words @returns {number} 0: not at all */
function fitOf(wanted, words) {
  let best = 0;
  for (const word of words) {
    if (word.startsWith(wanted)) return BEGINS;
    if (word.includes(wanted)) best = Math.max(best, INSIDE);
    else if (inOrder(wanted, word)) best = Math.max(best, IN_ORDER);
  }
  return best;
}

/** How well *choice* fits what was typed: every word of it has to. @param {string[]} wanted @param {Pick<Choice, "name" | "also">} choice @returns {number} 0: not at all */
export function scoreOf(wanted, { name, also = "" }) {
  const named = wordsIn(name);
  const others = wordsIn(also);
  let score = 1;
  for (const word of wanted) {
    // What it is called counts more than what it is found by besides.
    const fit = 2 * fitOf(word, named) || fitOf(word, others);
    if (fit === 0) return 0;
    score += fit;
  }
  return score;
}

/** What is shown for *text*: the best first, then what was used lately, then as it was given. @template {Choice} T @param {T[]} choices @param {string} text @param {string[]} recent   the last used first @returns {T[]} */
export function found(choices, text, recent) {
  const wanted = wordsIn(text);
  const used = new Map(recent.map((key, at) => [key, at]));
  const ranked = choices
    .map((choice, at) => ({ choice, at, score: scoreOf(wanted, choice), used: used.get(choice.key) ?? Infinity }))
    .filter(({ score }) => score > 0);
  ranked.sort((a, b) => b.score - a.score || (a.used === b.used ? a.at - b.at : a.used - b.used));
  return ranked.slice(0, text.trim() === "" ? MOST_BEFORE_TYPING : MOST_SHOWN).map(({ choice }) => choice);
}

/** *recent* once *key* was used. @param {string[]} recent @param {string} key */
export const usedNow = (recent, key) => [key, ...recent.filter((one) => one !== key)].slice(0, MOST_RECENT);
