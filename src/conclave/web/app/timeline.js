/**
 * From what is known of a room to the rows its log shows: day rules, the rule of what is
 * new, messages grouped by author and time, comings and goings folded. No DOM, no clock.
 *
 * Rows are kept from one time to the next: a line more is a row more, whatever stands above
 * it. What a row shows besides its own line is added to those that are drawn: dressing.js.
 */

import { indexOf } from "../client/changes.js";
import { Days } from "./times.js";

/** @import { Entry } from "../client/wire.js" */
/** @import { Item } from "../client/items.js" */
/** @import { Heard } from "../client/room.js" */
/**
 * @typedef {{kind: "day", key: string, timestamp: number}} DayRow
 * @typedef {{kind: "new", key: string, timestamp: number}} NewRow
 * @typedef {object} SaidRow
 * @property {"message"} kind
 * @property {string} key
 * @property {Entry} entry
 * @property {boolean} first        the first of its group: with name and time
 * @property {boolean} own
 * @typedef {{kind: "pending", key: string, item: Item, first: boolean}} WaitingRow
 * @typedef {"cameIn" | "left" | "joined" | "quit" | "removed"} Move
 * @typedef {{move: Move, name: string, timestamp: number, seq: number | null}} Moved
 * @typedef {{kind: "folded", key: string, moves: Moved[]}} FoldedRow
 * @typedef {{kind: "noted", key: string, entry: Entry}} NotedRow
 * @typedef {DayRow | NewRow | SaidRow | WaitingRow | FoldedRow | NotedRow} Row
 *
 * @typedef {object} Known
 * @property {Entry[]} lines      by number
 * @property {Heard[]} notices    by the number they came after
 * @property {Item[]} pending     in the order they were written
 * @property {number | null} newFrom   the number of the first new line
 * @property {string} me
 */

/** One author's messages stand under one name for this long. */
const GROUP_MS = 5 * 60_000;

/** @type {Known} */
const NOTHING = { lines: [], notices: [], pending: [], newFrom: null, me: "" };

export class Timeline {
  constructor() {
    /** What the rows are of. */
    this.known = NOTHING;
    /** @type {Row[]} */
    this.rows = [];
    /** Thread → how many of the lines are in it. @type {Map<number, number>} */
    this.replies = new Map();
    /** How many of the rows are of lines and notices; what is on its way follows. */
    this.stored = 0;
    /** Of each line the row that shows it. @type {number[]} */
    this.places = [];
    this.maker = new Maker(this.rows, "");
    this.told = 0;
  }

  /**
   * Show what is known now.
   *
   * @param {Known} known
   * @returns {number} the first row that may be another one than before
   */
  update(known) {
    this.rows.length = this.stored;
    this.maker.goOn();
    const from = this.#follows(known) ? Math.max(0, this.stored - 1) : this.#begin(known);
    this.#append(known);
    this.stored = this.rows.length;
    this.maker.pause();
    for (const item of known.pending) this.maker.pending(item);
    this.known = known;
    return from;
  }

  /** Where the line *seq* is shown; -1 when it is not there. @param {number} seq */
  placeOf(seq) {
    return this.places[indexOf(this.known.lines, seq)] ?? -1;
  }

  /** Whether *known* has what there was at the same places; lines that were changed are replaced. @param {Known} known */
  #follows({ lines, notices, newFrom, me }) {
    const was = this.known;
    const begun = was.notices.length;
    if (me !== was.me || newFrom !== was.newFrom || lines.length < was.lines.length) return false;
    if (notices.length < begun || notices[0] !== (was.notices[0] ?? notices[0])) return false;
    if (begun > 0 && notices[begun - 1] !== was.notices[begun - 1]) return false;
    if (was.lines === lines) return true;
    // Of all that is drawn at each message this alone looks at all lines.
    for (let n = 0; n < was.lines.length; n += 1) {
      const line = /** @type {Entry} */ (was.lines[n]);
      if (line !== lines[n] && !this.#replace(n, line, lines[n])) return false;
    }
    return true;
  }

  /** @param {number} at @param {Entry} was @param {Entry | undefined} line */
  #replace(at, was, line) {
    const place = this.places[at] ?? -1;
    const row = this.rows[place];
    if (line === undefined || line.seq !== was.seq || line.timestamp !== was.timestamp || line.userId !== was.userId) return false;
    if (line.type !== was.type || line.clientId !== was.clientId) return false;
    if (row?.kind === "message" || row?.kind === "noted") this.rows[place] = { ...row, entry: line };
    this.#count(was, -1);
    this.#count(line, 1);
    return true;
  }

  /** @param {Known} known */
  #begin({ me }) {
    this.rows.length = 0;
    this.places = [];
    this.replies = new Map();
    this.told = 0;
    this.maker = new Maker(this.rows, me);
    return 0;
  }

  /** @param {Known} known */
  #append({ lines, notices, newFrom }) {
    for (let n = this.places.length; n < lines.length; n += 1) {
      const entry = /** @type {Entry} */ (lines[n]);
      while ((notices[this.told]?.after ?? Infinity) < entry.seq) this.#notice(notices);
      if (entry.seq === newFrom) this.maker.fresh(entry);
      this.places.push(this.maker.entry(entry));
      this.#count(entry, 1);
    }
    while (this.told < notices.length) this.#notice(notices);
  }

  /** @param {Heard[]} notices */
  #notice(notices) {
    this.maker.notice(/** @type {Heard} */ (notices[this.told]));
    this.told += 1;
  }

  /** @param {Entry} line @param {1 | -1} one */
  #count({ thread, deleted }, one) {
    if (thread !== null && !deleted) this.replies.set(thread, (this.replies.get(thread) ?? 0) + one);
  }
}

/** Makes rows one after the other. */
class Maker {
  /** @param {Row[]} rows @param {string} me */
  constructor(rows, me) {
    this.rows = rows;
    this.me = me;
    this.days = new Days();
    this.day = "";
    /** Who wrote the row above, and when the group began. */
    this.author = "";
    this.since = 0;
    /** Rows from here on were made since they were shown last. */
    this.shown = 0;
    this.paused = { day: "", author: "", since: 0 };
  }

  /** What follows now is only for a while. */
  pause() {
    this.shown = this.rows.length;
    this.paused = { day: this.day, author: this.author, since: this.since };
  }

  goOn() {
    Object.assign(this, this.paused);
  }

  /** @param {Entry} entry @returns {number} the row that shows it; -1: none does */
  entry(entry) {
    const { type, timestamp, seq } = entry;
    const move = moveOf(entry);
    if (type === "message") this.#message(entry);
    else if (move !== null) this.#move({ move, name: entry.memberName ?? entry.user, timestamp, seq }, `s${seq}`);
    else if (type === "member:role" || type === "room:updated") this.#noted(entry);
    // Other entries are of a newer server: no row of their own.
    else return -1;
    return this.rows.length - 1;
  }

  /** @param {Heard} notice */
  notice(notice) {
    const move = notice.type === "user:joined" ? "cameIn" : "left";
    const { name, timestamp } = notice;
    this.#move({ move, name, timestamp, seq: null }, notice.key);
  }

  /** @param {Entry} entry */
  fresh(entry) {
    this.#dayOf(entry.timestamp);
    this.rows.push({ kind: "new", key: "new", timestamp: entry.timestamp });
    this.author = "";
  }

  /** @param {Item} item */
  pending(item) {
    this.#dayOf(item.at);
    const first = this.#begins(this.me, item.at);
    this.rows.push({ kind: "pending", key: `c${item.id}`, item, first });
  }

  /** @param {Entry} entry */
  #message(entry) {
    this.#dayOf(entry.timestamp);
    const own = entry.userId === this.me;
    // The same key as while it was pending: its row stays the same node.
    const key = own && entry.clientId !== null ? `c${entry.clientId}` : `s${entry.seq}`;
    const first = this.#begins(entry.userId, entry.timestamp);
    this.rows.push({ kind: "message", key, entry, first, own });
  }

  /** @param {Entry} entry */
  #noted(entry) {
    this.#dayOf(entry.timestamp);
    this.rows.push({ kind: "noted", key: `s${entry.seq}`, entry });
    this.author = "";
  }

  /** @param {Moved} moved @param {string} key */
  #move(moved, key) {
    this.#dayOf(moved.timestamp);
    const at = this.rows.length - 1;
    const last = this.rows[at];
    if (last?.kind !== "folded") this.rows.push({ kind: "folded", key: `f${key}`, moves: [moved] });
    else if (at >= this.shown) last.moves.push(moved);
    // One that is shown is replaced, so that who shows it can tell.
    else this.rows[at] = { ...last, moves: [...last.moves, moved] };
    this.author = "";
  }

  /** @param {string} author @param {number} at */
  #begins(author, at) {
    if (author === this.author && at - this.since < GROUP_MS) return false;
    this.author = author;
    this.since = at;
    return true;
  }

  /** @param {number} timestamp */
  #dayOf(timestamp) {
    const day = this.days.keyOf(timestamp);
    if (day === this.day) return;
    this.day = day;
    this.rows.push({ kind: "day", key: `d${day}`, timestamp });
    this.author = "";
  }
}

/** @param {Entry} entry @returns {Move | null} */
function moveOf({ type, userId, member }) {
  if (type === "member:added") return "joined";
  if (type !== "member:removed") return null;
  return userId === member ? "quit" : "removed";
}

/**
 * What a fold says in one line: each person once, by what came of it.
 *
 * @param {Moved[]} moves
 */
export function summed(moves) {
  /** @type {Map<string, Move[]>} */
  const byName = new Map();
  for (const { name, move } of moves) {
    const theirs = byName.get(name);
    if (theirs === undefined) byName.set(name, [move]);
    else theirs.push(move);
  }
  /** @type {{joined: string[], cameIn: string[], passed: string[], left: string[], quit: string[], removed: string[]}} */
  const sums = { joined: [], cameIn: [], passed: [], left: [], quit: [], removed: [] };
  for (const [name, theirs] of byName) {
    const last = theirs.at(-1);
    const standing = theirs.findLast((move) => move !== "cameIn" && move !== "left");
    if (standing === "quit" || standing === "removed") sums[standing].push(name);
    else if (theirs.includes("joined") && last !== "left") sums.joined.push(name);
    else if (last !== "left") sums.cameIn.push(name);
    else if (theirs.includes("cameIn") || theirs.includes("joined")) sums.passed.push(name);
    else sums.left.push(name);
  }
  return sums;
}
