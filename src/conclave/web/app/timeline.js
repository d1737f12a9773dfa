/**
 * From what is known of a room to the rows its log shows: day rules, the rule of what is
 * new, messages grouped by author and time, comings and goings folded. No DOM, no clock.
 */

import { dayKey } from "./times.js";

/** @import { Named } from "./mentions.js" */
/** @import { Entry } from "../client/wire.js" */
/** @import { Item } from "../client/items.js" */
/** @import { Heard } from "../client/room.js" */
/**
 * @typedef {{kind: "day", key: string, timestamp: number}} DayRow
 * @typedef {{kind: "new", key: string, timestamp: number}} NewRow
 * @typedef {object} MessageRow
 * @property {"message"} kind
 * @property {string} key
 * @property {Entry} entry
 * @property {boolean} first        the first of its group: with name and time
 * @property {boolean} own
 * @property {boolean} marked       the one that the address names
 * @property {boolean} forMe        it mentions the reader
 * @property {Entry | null | undefined} quoted   what it answers; null: gone; undefined: not known yet
 * @property {number} replies       to the thread it begins, as far as they are known
 * @property {Named[]} named        whom it mentions
 * @property {boolean} ignored      its author is ignored, and it was not opened
 * @property {Item | null} change   a change of one's own that was not stored
 * @typedef {{kind: "pending", key: string, item: Item, first: boolean, quoted: Entry | null | undefined, named: Named[]}} PendingRow
 * @typedef {"cameIn" | "left" | "joined" | "quit" | "removed"} Move
 * @typedef {{move: Move, name: string, timestamp: number, seq: number | null}} Moved
 * @typedef {{kind: "folded", key: string, moves: Moved[]}} FoldedRow
 * @typedef {{kind: "noted", key: string, entry: Entry}} NotedRow
 * @typedef {DayRow | NewRow | MessageRow | PendingRow | FoldedRow | NotedRow} Row
 *
 * @typedef {object} Around   what rows show besides their own line
 * @property {string} me
 * @property {number | null} marked
 * @property {(seq: number) => Entry | null | undefined} quoteOf
 * @property {(ids: string[]) => Named[]} namesOf
 * @property {(seq: number) => Item | null} changeOf
 * @property {(entry: Entry) => boolean} [ignores]
 */

/** One author's messages stand under one name for this long. */
const GROUP_MS = 5 * 60_000;

/**
 * @param {object} known
 * @param {Entry[]} known.lines      by number
 * @param {Heard[]} known.notices    by the number they came after
 * @param {Item[]} known.pending     in the order they were written
 * @param {number | null} known.newFrom   the number of the first new line
 * @param {Around} known.around
 * @returns {Row[]}
 */
export function rowsOf({ lines, notices, pending, newFrom, around }) {
  const rows = new Rows(around, repliesIn(lines));
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

/** How many of *lines* each thread has. @param {Entry[]} lines */
function repliesIn(lines) {
  /** @type {Map<number, number>} */
  const counts = new Map();
  for (const { thread, deleted } of lines) {
    if (thread !== null && !deleted) counts.set(thread, (counts.get(thread) ?? 0) + 1);
  }
  return counts;
}

class Rows {
  /** @param {Around} around @param {Map<number, number>} replies */
  constructor(around, replies) {
    this.around = around;
    this.replies = replies;
    /** @type {Row[]} */
    this.rows = [];
    this.day = "";
    /** Who wrote the row above, and when the group began. */
    this.author = "";
    this.since = 0;
  }

  /** @param {Entry} entry */
  entry(entry) {
    const { type, timestamp, seq } = entry;
    const move = moveOf(entry);
    if (type === "message") this.#message(entry);
    else if (move !== null) this.#move({ move, name: entry.memberName ?? entry.user, timestamp, seq }, `s${seq}`);
    else if (type === "member:role" || type === "room:updated") this.#noted(entry);
    // Other entries are of a newer server: no row of their own.
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
    const first = this.#begins(this.around.me, item.at);
    const { replyTo, mentions } = item;
    const quoted = replyTo === null ? null : this.around.quoteOf(replyTo);
    const named = this.around.namesOf(mentions);
    this.rows.push({ kind: "pending", key: `c${item.id}`, item, first, quoted, named });
  }

  /** @param {Entry} entry */
  #message(entry) {
    this.#dayOf(entry.timestamp);
    const { me, marked, quoteOf, namesOf, changeOf } = this.around;
    const own = entry.userId === me;
    // The same key as while it was pending: its row stays the same node.
    const key = own && entry.clientId !== null ? `c${entry.clientId}` : `s${entry.seq}`;
    const first = this.#begins(entry.userId, entry.timestamp);
    this.rows.push({
      kind: "message",
      ignored: this.around.ignores?.(entry) === true,
      key,
      entry,
      first,
      own,
      marked: entry.seq === marked,
      forMe: entry.mentions.includes(me),
      quoted: entry.replyTo === null ? null : quoteOf(entry.replyTo),
      replies: this.replies.get(entry.seq) ?? 0,
      named: namesOf(entry.mentions),
      change: own ? changeOf(entry.seq) : null,
    });
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
  /** @type {Map<string, Set<Move>>} */
  const byName = new Map();
  for (const { name, move } of moves) {
    const done = byName.get(name) ?? new Set();
    byName.set(name, done.add(move));
  }
  /** @type {{joined: string[], cameIn: string[], passed: string[], left: string[], quit: string[], removed: string[]}} */
  const sums = { joined: [], cameIn: [], passed: [], left: [], quit: [], removed: [] };
  for (const [name, done] of byName) {
    const theirs = moves.filter((moved) => moved.name === name);
    const last = theirs.at(-1)?.move;
    const standing = theirs.findLast(({ move }) => move !== "cameIn" && move !== "left")?.move;
    if (standing === "quit" || standing === "removed") sums[standing].push(name);
    else if (done.has("joined") && last !== "left") sums.joined.push(name);
    else if (last !== "left") sums.cameIn.push(name);
    else if (done.has("cameIn") || done.has("joined")) sums.passed.push(name);
    else sums.left.push(name);
  }
  return sums;
}
