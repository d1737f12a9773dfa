/**
 * From what is known of a room to the rows its log shows: day rules, the rule of what is
 * new, messages grouped by author and time, comings and goings folded. No DOM, no clock.
 */

import { dayKey } from "./times.js";

/** @import { Entry } from "../client/wire.js" */
/** @import { Item } from "../client/outbox.js" */
/** @import { Heard } from "../client/room.js" */
/**
 * @typedef {{kind: "day", key: string, timestamp: number}} DayRow
 * @typedef {{kind: "new", key: string, timestamp: number}} NewRow
 * @typedef {{kind: "message", key: string, entry: Entry, first: boolean, own: boolean}} MessageRow
 * @typedef {{kind: "pending", key: string, item: Item, first: boolean}} PendingRow
 * @typedef {"cameIn" | "left" | "joined"} Move
 * @typedef {{move: Move, name: string, timestamp: number, seq: number | null}} Moved
 * @typedef {{kind: "folded", key: string, moves: Moved[]}} FoldedRow
 * @typedef {DayRow | NewRow | MessageRow | PendingRow | FoldedRow} Row
 */

/** One author's messages stand under one name for this long. */
const GROUP_MS = 5 * 60_000;

/**
 * @param {object} known
 * @param {Entry[]} known.lines      by number
 * @param {Heard[]} known.notices    by the number they came after
 * @param {Item[]} known.pending     in the order they were written
 * @param {string} known.me
 * @param {number | null} known.newFrom   the number of the first new line
 * @returns {Row[]}
 */
export function rowsOf({ lines, notices, pending, me, newFrom }) {
  const rows = new Rows(me);
  let next = 0;
  for (const entry of lines) {
    while (next < notices.length && (notices[next]?.after ?? 0) < entry.seq) {
      rows.notice(/** @type {Heard} */ (notices[next]));
      next += 1;
    }
    if (entry.seq === newFrom) rows.fresh(entry);
    rows.entry(entry);
  }
  for (const notice of notices.slice(next)) rows.notice(notice);
  for (const item of pending) rows.pending(item);
  return rows.rows;
}

class Rows {
  /** @param {string} me */
  constructor(me) {
    this.me = me;
    /** @type {Row[]} */
    this.rows = [];
    this.day = "";
    /** Who wrote the row above, and when the group began. */
    this.author = "";
    this.since = 0;
  }

  /** @param {Entry} entry */
  entry(entry) {
    if (entry.type === "message") this.#message(entry);
    else if (entry.type === "member:added") {
      const name = entry.memberName ?? entry.user;
      const { timestamp, seq } = entry;
      this.#move({ move: "joined", name, timestamp, seq }, `s${seq}`);
    }
    // Other entries change what is shown elsewhere, or are of a newer server: no row of their own.
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

  /** @param {Moved} moved @param {string} key */
  #move(moved, key) {
    this.#dayOf(moved.timestamp);
    const last = this.rows.at(-1);
    if (last?.kind === "folded") last.moves.push(moved);
    else this.rows.push({ kind: "folded", key: `f${key}`, moves: [moved] });
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
    const day = dayKey(timestamp);
    if (day === this.day) return;
    this.day = day;
    this.rows.push({ kind: "day", key: `d${day}`, timestamp });
    this.author = "";
  }
}

/**
 * What a fold says in one line: each person once, by what came of it.
 *
 * @param {Moved[]} moves
 */
export function summed(moves) {
  /** @type {Map<string, Set<Move>>} */
  const byName = new Map();
  for (const { name, move } of moves) {
    const done = byName.get(name) ?? new Set();
    byName.set(name, done.add(move));
  }
  /** @type {{joined: string[], cameIn: string[], passed: string[], left: string[]}} */
  const sums = { joined: [], cameIn: [], passed: [], left: [] };
  for (const [name, done] of byName) {
    const last = moves.findLast((moved) => moved.name === name)?.move;
    if (done.has("joined") && last !== "left") sums.joined.push(name);
    else if (last !== "left") sums.cameIn.push(name);
    else if (done.has("cameIn") || done.has("joined")) sums.passed.push(name);
    else sums.left.push(name);
  }
  return sums;
}
