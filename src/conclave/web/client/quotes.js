/**
 * Lines that others refer to and that no open part of the log holds: what an answer
 * answers. They are asked for one at a time, and kept up like all other lines.
 */

import { changed } from "./changes.js";

/** @import { Entry, History } from "./wire.js" */

/** The oldest go; they can be asked for again. */
const MOST_QUOTES = 200;

export class Quotes {
  /** @param {() => string} me */
  constructor(me) {
    this.me = me;
    /** Number → its line; null: there is none; undefined: not known yet. @type {Map<number, Entry | null | undefined>} */
    this.known = new Map();
    this.reading = false;
  }

  /** @param {number} seq */
  line(seq) {
    return this.known.get(seq) ?? null;
  }

  /** Want the line *seq*: its line, or null for none, or undefined until it is known. @param {number} seq */
  want(seq) {
    if (!this.known.has(seq)) this.#put(seq, undefined);
    return this.known.get(seq);
  }

  /** The next number to ask for; undefined when there is none. */
  get next() {
    for (const [seq, line] of this.known) if (line === undefined) return seq;
    return undefined;
  }

  /** @param {number} seq @param {History} page */
  answered(seq, page) {
    const line = page.entries.find((entry) => entry.seq === seq);
    this.#put(seq, line === undefined ? null : { ...line, asOf: Math.max(seq, page.lastSeq) });
  }

  /** It cannot be had. @param {number} seq */
  refused(seq) {
    this.#put(seq, null);
  }

  /** @param {Entry} entry */
  take(entry) {
    const line = this.known.get(entry.target ?? 0);
    if (line && entry.seq > line.asOf) this.known.set(line.seq, { ...changed(line, entry, this.me()), asOf: entry.seq });
  }

  clear() {
    this.known.clear();
  }

  /** @param {number} seq @param {Entry | null | undefined} line */
  #put(seq, line) {
    this.known.set(seq, line);
    for (const oldest of this.known.keys()) {
      if (this.known.size <= MOST_QUOTES) return;
      this.known.delete(oldest);
    }
  }
}
