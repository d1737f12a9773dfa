/**
 * «@name» in a text: whom one is about to name, and where a text names whom.
 * Names may have spaces and letters of any script; the longest name that fits is meant.
 */

/** @typedef {{id: string, name: string}} Named */
/** @typedef {{text: string, id: string | null}} Part   id: the person this part names */

const LONGEST_QUERY = 64;
export const LETTER = /[\p{L}\p{N}_]/u;

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
  const names = new Names(people);
  /** @type {Part[]} */
  const parts = [];
  let from = 0;
  for (let at = text.indexOf("@"); at !== -1; at = text.indexOf("@", at + 1)) {
    const found = at < from ? null : names.at(text, at);
    if (found === null) continue;
    const { who, end } = found;
    if (at > from) parts.push({ text: text.slice(from, at), id: null });
    parts.push({ text: text.slice(at, end), id: who.id });
    from = end;
  }
  if (from < text.length) parts.push({ text: text.slice(from), id: null });
  return parts;
}

/** Folded units → what follows them; `who`: whose name ends here. @typedef {{next: Map<string, Branch>, who: Named | null}} Branch */

/**
 * The names of people, letter by letter: a text is walked through once for all of them, so that
 * one of nothing but «@» does not stop the page, however many people there are.
 */
export class Names {
  /** @param {Named[]} people */
  constructor(people) {
    /** @type {Branch} */
    this.root = { next: new Map(), who: null };
    for (const person of people) if (person.name !== "") this.#add(person);
  }

  /** @param {Named} person */
  #add(person) {
    let branch = this.root;
    for (const letter of foldedUnits(person.name)) {
      const next = branch.next.get(letter) ?? { next: new Map(), who: null };
      branch.next.set(letter, next);
      branch = next;
    }
    // Of two with one name the first is meant.
    branch.who ??= person;
  }

  /**
   * Who is meant by «@name» at *at*, as a word of its own, and where it ends; null for nobody.
   *
   * @param {string} text @param {number} at
   */
  at(text, at) {
    if (at > 0 && LETTER.test(text.charAt(at - 1))) return null;
    /** @type {{who: Named, end: number} | null} */
    let found = null;
    /** @type {Branch | undefined} */
    let branch = this.root;
    for (let end = at + 1; end < text.length; ) {
      for (const letter of foldedUnits(text.charAt(end))) branch = branch?.next.get(letter);
      if (branch === undefined) break;
      end += 1;
      if (branch.who !== null && !LETTER.test(text.charAt(end))) found = { who: branch.who, end };
    }
    return found;
  }
}

/** Units that were folded before: asking the locale takes a microsecond. @type {Map<string, string>} */
const foldedBefore = new Map();

/** *text* folded unit by unit: a last «ς» is a «σ», whatever follows it. @param {string} text */
function foldedUnits(text) {
  let folded = "";
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charAt(i);
    let low = foldedBefore.get(unit);
    if (low === undefined) foldedBefore.set(unit, (low = unit === "ς" ? "σ" : fold(unit)));
    folded += low;
  }
  return folded.split("");
}
