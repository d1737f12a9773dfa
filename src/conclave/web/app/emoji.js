/**
 * What is known of emoji: their order and groups, their names in the language of the page, and
 * how to find one by name. The lists are loaded when they are first wanted, and not before.
 */

/** @typedef {{emoji: string, name: string, words: string[], hasTones: boolean}} Emoji   words: folded, the name's own among them */
/** @typedef {{name: string, emoji: Emoji[]}} Group */

/** @type {Record<string, () => Promise<{default: string[]}>>} */
const NAMES = {
  en: () => import("../emoji/en.js"),
  de: () => import("../emoji/de.js"),
  ar: () => import("../emoji/ar.js"),
};

const MODIFIER_BASE = /(\p{Emoji_Modifier_Base})\uFE0F?/gu;
/** The first of five skin tones, from light to dark. */
const FIRST_TONE = 0x1f3fb;
export const TONES = [0, 1, 2, 3, 4, 5];

/** *emoji* with all of its skin in *tone*; 0: as it is. @param {string} emoji @param {number} tone */
export const toned = (emoji, tone) => (tone === 0 ? emoji : emoji.replace(MODIFIER_BASE, `$1${String.fromCodePoint(FIRST_TONE + tone - 1)}`));

/** Case and accents do not matter to who looks for something. @param {string} text */
const fold = (text) => text.toLocaleLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");

/** @param {[string, [string, number, string][]][]} groups @param {string[]} names @returns {Group[]} */
export function joined(groups, names) {
  let at = 0;
  return groups.map(([name, list]) => ({ name, emoji: list.map(([emoji, tones, codes]) => one(emoji, tones, codes, names[at++] ?? emoji)) }));
}

/** @param {string} emoji @param {number} tones @param {string} codes @param {string} said @returns {Emoji} */
function one(emoji, tones, codes, said) {
  const [name = emoji, ...words] = said.split("|");
  const parts = [name, ...words].flatMap((word) => fold(word).split(/[\s:,-]+/));
  return { emoji, name, hasTones: tones === 1, words: [...new Set([fold(name), ...(codes === "" ? [] : codes.split(" ")), ...parts])].filter((word) => word !== "") };
}

/**
 * The emoji that *query* means, the best first: those called so, then those whose words begin
 * so. Each of several words must fit.
 *
 * @param {Group[]} groups @param {string} query @param {number} [most]
 */
export function found(groups, query, most = Infinity) {
  const wanted = fold(query).split(/[\s:]+/).filter((word) => word !== "");
  if (wanted.length === 0) return [];
  const whole = wanted.join(" ");
  /** @type {{emoji: Emoji, rank: number}[]} */
  const hits = [];
  for (const { emoji: list } of groups) {
    for (const emoji of list) {
      const rank = rankOf(emoji, wanted, whole);
      if (rank !== null) hits.push({ emoji, rank });
    }
  }
  return hits.sort((a, b) => a.rank - b.rank).slice(0, most).map(({ emoji }) => emoji);
}

/** @param {Emoji} emoji @param {string[]} wanted @param {string} whole */
function rankOf({ emoji, words }, wanted, whole) {
  if (emoji === whole) return 0;
  if (!wanted.every((word) => words.some((own) => own.startsWith(word)))) return null;
  if (words.includes(whole)) return 1;
  return words[0]?.startsWith(whole) ? 2 : 3;
}

/** @type {Promise<Group[]> | null} */
let loading = null;

/** All emoji, named in *language*; asked for once. @param {string} language @returns {Promise<Group[]>} */
export function allEmoji(language) {
  const names = NAMES[language] ?? NAMES["en"];
  loading ??= Promise.all([import("../emoji/emoji.js"), /** @type {NonNullable<typeof names>} */ (names)()]).then(([{ default: groups }, { default: said }]) => joined(groups, said));
  // What did not come may come the next time.
  loading.catch(() => (loading = null));
  return loading;
}
