/**
 * What was written and is not yet known to be stored.
 *
 * Each message keeps the id it was first sent with: sent again after a broken connection,
 * the server finds the first one and nothing is doubled. One message of a room is under way
 * at a time, so that a refusal in the middle cannot change their order. Bounded in number
 * and size: what does not fit is refused where it is written, not lost later.
 */

import { RETRYABLE } from "./codes.js";
import { waitBefore } from "./backoff.js";

/** @import { Refusal } from "./requests.js" */
/**
 * @typedef {{id: string, room: string, text: string, at: number}} Kept
 *
 * @typedef {object} Item
 * @property {string} id
 * @property {string} room
 * @property {string} text
 * @property {number} at        wall time it was written, for people
 * @property {number} since     the same in the clock that never jumps
 * @property {"waiting" | "sent" | "stored" | "failed"} state
 * @property {number} tries
 * @property {number} notBefore
 * @property {number} sentAt
 * @property {number | null} seq
 * @property {string | null} code   why it failed
 */

const MOST_ITEMS = 1_000;
const MOST_CHARS = 4 * 1024 * 1024;
/** Retryable refusals one after the other, before a person is asked. */
const MOST_TRIES = 8;
/** An ack that takes longer than this, on a connection that lives, will not come. */
const ACK_WITHIN_MS = 30_000;

export class Outbox {
  /** @param {{makeId: () => string, random: () => number, wall: () => number}} given */
  constructor({ makeId, random, wall }) {
    this.makeId = makeId;
    this.random = random;
    this.wall = wall;
    /** @type {Map<string, Item>} */
    this.items = new Map();
    this.chars = 0;
    /** Goes up with each change, so that a keeper need not compare. */
    this.changes = 0;
  }

  /**
   * Take a message; null when too much waits already.
   *
   * @param {string} room @param {string} text @param {number} now
   */
  add(room, text, now) {
    if (this.items.size >= MOST_ITEMS || this.chars + text.length > MOST_CHARS) return null;
    /** @type {Item} */
    const item = newItem({ id: this.makeId(), room, text, at: this.wall() }, now);
    this.#put(item);
    this.chars += text.length;
    return item;
  }

  /**
   * Take messages that were kept over a reload, under the ids they may have been sent with.
   * They were written before all that is here.
   *
   * @param {Kept[]} kept @param {number} now
   */
  restore(kept, now) {
    const later = [...this.items.values()];
    this.clear();
    for (const item of [...kept.map((one) => newItem(one, now)), ...later]) {
      if (!this.items.has(item.id)) this.chars += item.text.length;
      this.#put(item);
    }
  }

  /** What a reload must not lose, in the order it was written. @returns {Kept[]} */
  get kept() {
    const open = [...this.items.values()].filter(({ state }) => state === "waiting" || state === "sent");
    return open.map(({ id, room, text, at }) => ({ id, room, text, at }));
  }

  /** @param {string} room */
  of(room) {
    return [...this.items.values()].filter((item) => item.room === room);
  }

  /** How many messages wait for a connection or an answer. */
  get waiting() {
    let count = 0;
    for (const item of this.items.values()) {
      if (item.state === "waiting" || item.state === "sent") count += 1;
    }
    return count;
  }

  /**
   * The messages to send now: the first unanswered one of each room that takes messages.
   * The caller must send them.
   *
   * @param {(room: string) => boolean} open @param {number} now
   */
  next(open, now) {
    const due = [];
    for (const item of this.#heads()) {
      if (item.state !== "waiting" || item.notBefore > now || !open(item.room)) continue;
      this.#put({ ...item, state: "sent", sentAt: now });
      due.push(item);
    }
    return due;
  }

  /** When `next` or `expire` has something to do, without any other event. */
  get due() {
    let due = Infinity;
    for (const item of this.#heads()) {
      if (item.state === "sent") due = Math.min(due, item.sentAt + ACK_WITHIN_MS);
      else if (item.notBefore > 0) due = Math.min(due, item.notBefore);
    }
    return due;
  }

  /** @param {number} now */
  expire(now) {
    for (const item of this.#heads()) {
      const overdue = item.state === "sent" && now >= item.sentAt + ACK_WITHIN_MS;
      if (overdue) this.#put({ ...item, state: "failed", code: "no_answer" });
      // Due: from now on only its room is waited for.
      else if (item.notBefore <= now) this.#put({ ...item, notBefore: 0 });
    }
  }

  /** The server stored it; it stays until its room tells it. @param {string} id @param {number} seq */
  stored(id, seq) {
    const item = this.items.get(id);
    if (item !== undefined) this.#put({ ...item, state: "stored", seq, code: null });
  }

  /** @param {string} id @param {Refusal} refusal @param {number} now */
  refused(id, refusal, now) {
    const item = this.items.get(id);
    if (item === undefined) return;
    const tries = item.tries + 1;
    if (RETRYABLE.has(refusal.code) && tries < MOST_TRIES) {
      const wait = refusal.retryAfterMs ?? 100 + waitBefore(tries, this.random);
      this.#put({ ...item, state: "waiting", tries, notBefore: now + wait });
    } else {
      this.#put({ ...item, state: "failed", tries, code: refusal.code });
    }
  }

  /** The connection ended: what was under way must be sent again, under the same ids. */
  lose() {
    for (const item of this.items.values()) {
      if (item.state === "sent") this.#put({ ...item, state: "waiting", notBefore: 0 });
    }
  }

  /** Its room told it, or knows it: it is history now. @param {string} id */
  settle(id) {
    const item = this.items.get(id);
    if (item === undefined) return;
    this.changes += 1;
    this.items.delete(id);
    this.chars -= item.text.length;
  }

  /** Settle what *room* is known to hold up to *seq*. @param {string} room @param {number} seq */
  settleUpto(room, seq) {
    for (const item of this.of(room)) {
      if (item.state === "stored" && item.seq !== null && item.seq <= seq) this.settle(item.id);
    }
  }

  /** Send a failed message once more, under the same id. @param {string} id @param {number} now */
  again(id, now) {
    const item = this.items.get(id);
    if (item?.state !== "failed") return;
    this.#put({ ...item, state: "waiting", tries: 0, notBefore: 0, since: now, code: null });
  }

  /** Forget a failed message. @param {string} id */
  drop(id) {
    if (this.items.get(id)?.state === "failed") this.settle(id);
  }

  /** The room refused to let one in: nothing written for it can be sent. @param {string} room @param {string} code */
  refuseAll(room, code) {
    for (const item of this.of(room)) {
      if (item.state !== "stored") this.#put({ ...item, state: "failed", code });
    }
  }

  /** @param {string} room */
  dropAll(room) {
    for (const item of this.of(room)) this.settle(item.id);
  }

  clear() {
    this.changes += 1;
    this.items.clear();
    this.chars = 0;
  }

  /** @param {Item} item */
  #put(item) {
    this.changes += 1;
    this.items.set(item.id, item);
  }

  /** The first message of each room that is neither stored nor failed. */
  #heads() {
    /** @type {Map<string, Item>} */
    const heads = new Map();
    for (const item of this.items.values()) {
      const open = item.state === "waiting" || item.state === "sent";
      // What is under way goes first, also before an older one that is to be sent again.
      if (open && (item.state === "sent" || !heads.has(item.room))) heads.set(item.room, item);
    }
    return [...heads.values()];
  }
}

/** @param {Kept} kept @param {number} now @returns {Item} */
function newItem({ id, room, text, at }, now) {
  return { id, room, text, at, since: now, state: "waiting", tries: 0, notBefore: 0, sentAt: 0, seq: null, code: null };
}
