/**
 * A part of a room's log besides its end: a thread, the lines around a number, the pinned
 * ones. It is kept up by the entries the room hears, and asked for anew when the room had
 * to begin anew. It asks for nothing itself: `pages.js` does.
 */

import { applied, indexOf, isChange } from "./changes.js";
import { linesAsNow } from "./roomlog.js";

/** @import { Entry, History } from "./wire.js" */
/** @typedef {{thread: number} | {around: number} | {pinned: true}} Question   what it was asked for with */

/** So many lines stay on each side of a reader whose lines the log gives up. */
const AROUND_LINES = 500;
/** What lines around a number hold at most before those furthest from the reader go, and then. */
const LIMITS = { most: 4_000, kept: 3_000 };

export class Excerpt {
  /** @param {Question} question @param {() => string} me   one's own user id */
  constructor(question, me) {
    this.question = question;
    this.me = me;
    /** @type {Entry[]} */
    this.lines = [];
    this.begun = false;
    /** Whether it must be asked for: it was not yet, or the answer is of another time. */
    this.stale = true;
    /** Why it was refused. @type {string | null} */
    this.refusal = null;
    this.olderLeft = false;
    this.newerLeft = false;
    this.reading = false;
    /** The room's last number when it was read. */
    this.asOf = 0;
  }

  /**
   * The part of *lines* around *reader*, who looks at it while the log goes on without it.
   *
   * @param {Entry[]} lines @param {number} reader @param {{olderLeft: boolean, upto: number}} log @param {() => string} me
   */
  static of(lines, reader, { olderLeft, upto }, me) {
    const part = new Excerpt({ around: reader }, me);
    const at = Math.max(0, indexOf(lines, reader));
    const from = Math.max(0, at - AROUND_LINES);
    part.lines = lines.slice(from, at + AROUND_LINES);
    return Object.assign(part, { begun: true, stale: false, olderLeft: olderLeft || from > 0, newerLeft: true, asOf: upto });
  }

  /** @param {History} page */
  begin(page) {
    this.lines = linesAsNow(page);
    this.begun = true;
    this.stale = false;
    this.refusal = null;
    this.asOf = page.lastSeq;
    const around = "around" in this.question;
    // Of a page around a number `more` is of either side: its numbers tell which.
    this.olderLeft = around ? (this.lines[0]?.seq ?? 0) > page.firstSeq : page.more;
    this.newerLeft = around && (this.lines.at(-1)?.seq ?? Infinity) < page.lastSeq;
  }

  /** Take a page asked for with `before` the first line. @param {History} page */
  before(page) {
    const first = this.lines[0]?.seq ?? Infinity;
    const older = linesAsNow(page).filter(({ seq }) => seq < first);
    this.lines = [...older, ...this.lines];
    this.olderLeft = page.more && older.length > 0;
    if (!this.#tooLong()) return;
    this.lines = this.lines.slice(0, LIMITS.kept);
    this.newerLeft = true;
  }

  /** Take a page asked for with `after` the last line. @param {History} page */
  after(page) {
    const last = this.lines.at(-1)?.seq ?? 0;
    const newer = linesAsNow(page).filter(({ seq }) => seq > last);
    this.lines = [...this.lines, ...newer];
    this.newerLeft = page.more && newer.length > 0;
    if (!this.#tooLong()) return;
    this.lines = this.lines.slice(-LIMITS.kept);
    this.olderLeft = true;
  }

  /** Who reads on for an hour does not have the hour in memory: it can be read again. */
  #tooLong() {
    return "around" in this.question && this.lines.length > LIMITS.most;
  }

  /** @param {number} seq @returns {Entry | null} */
  line(seq) {
    return this.lines[indexOf(this.lines, seq)] ?? null;
  }

  /** The room heard *entry*; *line* is what it is about, where the room knows it. @param {Entry} entry @param {Entry | null} line */
  take(entry, line) {
    if (isChange(entry.type)) this.lines = applied(this.lines, entry, this.me());
    if ("pinned" in this.question) this.#pin(entry, line);
    else if ("thread" in this.question && entry.thread === this.question.thread) this.#append(entry);
  }

  /** @param {Entry} entry */
  #append(entry) {
    if (entry.type !== "message" || entry.seq <= this.asOf || this.newerLeft) return;
    if (entry.seq > (this.lines.at(-1)?.seq ?? 0)) this.lines = [...this.lines, entry];
  }

  /** @param {Entry} entry @param {Entry | null} line */
  #pin(entry, line) {
    this.lines = this.lines.every(({ pinned }) => pinned) ? this.lines : this.lines.filter(({ pinned }) => pinned);
    if (entry.type !== "message:pinned" || entry.seq <= this.asOf) return;
    if (line === null) this.stale = true;
    else if (line.pinned && indexOf(this.lines, line.seq) < 0) {
      this.lines = [...this.lines, line].sort((a, b) => a.seq - b.seq);
    }
  }
}
