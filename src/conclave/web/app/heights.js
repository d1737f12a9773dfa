/**
 * How tall the rows of a log are, and so where each of them stands: as they were measured,
 * or guessed from others of their kind until they are. No DOM.
 */

/** @import { Row } from "./timeline.js" */

/** A row of a log that nobody has seen. */
const FIRST_GUESS_PX = 32;
/** Texts are alike within this many characters, about half a line. */
const STEP_CHARS = 40;
/** Longer ones are guessed by the last step. */
const MOST_STEPS = 120;

export class Heights {
  constructor() {
    /** @type {Row[]} */
    this.rows = [];
    /** The keys of the rows when they were set. @type {string[]} */
    this.keys = [];
    /** Key → its place. @type {Map<string, number>} */
    this.places = new Map();
    /** @type {number[]} */
    this.sizes = [];
    /** Where each row begins, as far as it was summed up; and one more, where the last ends. @type {number[]} */
    this.tops = [0];
    /** Key → what was measured, also of rows that are gone for now. @type {Map<string, number>} */
    this.measured = new Map();
    /** Likeness → mean height, and of how many. @type {Map<string, {mean: number, of: number}>} */
    this.means = new Map();
  }

  /** The rows are these now; those before *from* are the same as before. @param {Row[]} rows @param {number} from */
  set(rows, from) {
    this.rows = rows;
    if (from === 0) this.places.clear();
    else for (const key of this.keys.slice(from)) this.places.delete(key);
    this.keys.length = this.sizes.length = from;
    this.#stale(from);
    for (let at = from; at < rows.length; at += 1) {
      const row = /** @type {Row} */ (rows[at]);
      this.keys.push(row.key);
      this.places.set(row.key, at);
      this.sizes.push(this.measured.get(row.key) ?? this.#guess(row));
    }
    if (this.measured.size > 2 * rows.length + 1_000) this.#prune();
  }

  get count() {
    return this.rows.length;
  }

  /** How tall all of them are. */
  get total() {
    return this.top(this.count);
  }

  /** Where the row *at* begins; the end for the one after the last. @param {number} at */
  top(at) {
    for (let next = this.tops.length; next <= at; next += 1) {
      this.tops.push((this.tops[next - 1] ?? 0) + (this.sizes[next - 1] ?? 0));
    }
    return this.tops[at] ?? 0;
  }

  /** The row that stands at *px*; the last one below them all. @param {number} px */
  at(px) {
    let low = 0;
    let high = this.count - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.top(middle) <= px) low = middle;
      else high = middle - 1;
    }
    return Math.max(0, low);
  }

  /** The row *key* was seen. @param {string} key @param {number} px @returns {boolean} whether that is news */
  measure(key, px) {
    const at = this.places.get(key);
    if (at === undefined) return false;
    const was = this.measured.get(key);
    if (was === px) return false;
    this.measured.set(key, px);
    if (was === undefined) this.#learn(/** @type {Row} */ (this.rows[at]), px);
    if (this.sizes[at] === px) return false;
    this.sizes[at] = px;
    this.#stale(at);
    return true;
  }

  /** @param {number} from */
  #stale(from) {
    this.tops.length = Math.min(this.tops.length, from + 1);
  }

  /** @param {Row} row */
  #guess(row) {
    const of = this.means.get(likeness(row)) ?? this.means.get(row.kind);
    return of?.mean ?? FIRST_GUESS_PX;
  }

  /** @param {Row} row @param {number} px */
  #learn(row, px) {
    for (const like of [likeness(row), row.kind]) {
      const { mean, of } = this.means.get(like) ?? { mean: 0, of: 0 };
      // The last hundred or so: what a window of another width taught is soon forgotten.
      const next = Math.min(of + 1, 100);
      this.means.set(like, { mean: mean + (px - mean) / next, of: next });
    }
  }

  #prune() {
    for (const key of this.measured.keys()) if (!this.places.has(key)) this.measured.delete(key);
  }
}

/** Rows that say the same here are about as tall. @param {Row} row */
function likeness(row) {
  if (row.kind !== "message" && row.kind !== "pending") return row.kind;
  const { text } = row.kind === "message" ? row.entry : row.item;
  const breaks = text.split("\n", MOST_STEPS).length - 1;
  const steps = Math.min(MOST_STEPS, Math.ceil(text.length / STEP_CHARS) + 2 * breaks);
  return `${row.kind} ${row.first} ${steps}`;
}
