/**
 * What a person wrote or changed and what is not yet known to be stored: messages, edits,
 * deletions, reactions, pins.
 *
 * Each keeps the id it was first sent with: sent again after a broken connection, the
 * server finds the first one and nothing is doubled. One of a room is under way at a time,
 * so that a refusal in the middle cannot change their order. Bounded in number and size:
 * what does not fit is refused where it is written, not lost later.
 */

import { waitBefore } from "./backoff.js";
import { RETRYABLE } from "./codes.js";
import { newItem } from "./items.js";

/** @import { Item, Kept, Wanted } from "./items.js" */
/** @import { Refusal } from "./requests.js" */

export const MOST_ITEMS = 1_000;
/** Two bytes each: 8 MiB. */
const MOST_CHARS = 4 * 1024 * 1024;
/** Retryable refusals one after the other, before a person is asked. */
const MOST_TRIES = 8;
/** Said here of what the server would end the connection for. @type {Refusal} */
export const TOO_LONG = { code: "too_long", message: "The message is too long", retryAfterMs: null };
/** An ack that takes longer than this, on a connection that lives, will not come. */
const ACK_WITHIN_MS = 30_000;

export class Outbox {
  /**
   * @param {object} given
   * @param {() => string} given.makeId
   * @param {() => number} given.random
   * @param {() => number} given.wall
   * @param {(refusal: Refusal) => void} [given.onUndone]   a change that nobody will see failed
   */
  constructor({ makeId, random, wall, onUndone = () => {} }) {
    this.makeId = makeId;
    this.random = random;
    this.wall = wall;
    this.onUndone = onUndone;
    /** @type {Map<string, Item>} */
    this.items = new Map();
    this.chars = 0;
    /** Goes up with each change, so that who looks on need not compare. */
    this.changes = 0;
  }

  /**
   * Take a request; null when too much waits already. One that may have been sent before comes
   * with the *id* it was sent under.
   *
   * @param {Wanted} wanted @param {number} now @param {string} [id]
   */
  add(wanted, now, id = this.makeId()) {
    if (this.items.size >= MOST_ITEMS || this.chars + wanted.text.length > MOST_CHARS) return null;
    const item = newItem({ ...wanted, id, at: this.wall(), code: null }, now);
    this.#put(item);
    return item;
  }

  /**
   * Take requests that were kept, under the ids they may have been sent with. They were
   * written before all that is here. However many there are: they were taken once.
   *
   * @param {Kept[]} kept @param {number} now
   */
  restore(kept, now) {
    const later = [...this.items.values()];
    this.clear();
    for (const one of kept) this.#put(newItem(one, now));
    for (const item of later) this.#put(item);
  }

  /** The messages of *room*, in the order they were written. @param {string} room */
  of(room) {
    return this.#where((item) => item.room === room && item.type === "chat");
  }

  /** The changes to the line *seq* of *room*. @param {string} room @param {number} seq */
  changesOf(room, seq) {
    return this.#where((item) => item.room === room && item.target === seq);
  }

  /** How many messages wait for a connection or an answer. */
  get waiting() {
    return this.#where((item) => item.type === "chat" && isOpen(item)).length;
  }

  /**
   * What to send now: the first unanswered one of each room that takes messages.
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
      if (overdue) this.#fail(item, { code: "no_answer", message: "", retryAfterMs: null });
      // Due: from now on only its room is waited for.
      else if (item.notBefore > 0 && item.notBefore <= now) this.#put({ ...item, notBefore: 0 });
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
    if (item === undefined || item.state === "stored") return;
    const tries = item.tries + 1;
    if (RETRYABLE.has(refusal.code) && tries < MOST_TRIES) {
      const wait = refusal.retryAfterMs ?? 100 + waitBefore(tries, this.random);
      this.#put({ ...item, state: "waiting", tries, notBefore: now + wait });
    } else {
      this.#fail({ ...item, tries }, refusal);
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
    for (const item of this.#where((one) => one.room === room)) {
      if (item.state === "stored" && item.seq !== null && item.seq <= seq) this.settle(item.id);
    }
  }

  /** Send a failed one once more, under the same id. @param {string} id @param {number} now */
  again(id, now) {
    const item = this.items.get(id);
    if (item?.state !== "failed") return;
    this.#put({ ...item, state: "waiting", tries: 0, notBefore: 0, since: now, code: null });
  }

  /** Forget a failed one. @param {string} id */
  drop(id) {
    if (this.items.get(id)?.state === "failed") this.settle(id);
  }

  /** The room refused to let one in: nothing written for it can be sent. @param {string} room @param {string} code */
  refuseAll(room, code) {
    for (const item of this.#where((one) => one.room === room)) {
      if (item.state !== "stored") this.#fail(item, { code, message: "", retryAfterMs: null });
    }
  }

  /** @param {string} room */
  dropAll(room) {
    for (const item of this.#where((one) => one.room === room)) this.settle(item.id);
  }

  clear() {
    this.changes += 1;
    this.items.clear();
    this.chars = 0;
  }

  /** What has words stays, to be sent again or copied; the rest is undone where it was shown. @param {Item} item @param {Refusal} refusal */
  #fail(item, refusal) {
    if (item.text !== "" || item.attachments.length > 0) return this.#put({ ...item, state: "failed", code: refusal.code });
    this.settle(item.id);
    this.onUndone(refusal);
  }

  /** @param {Item} item */
  #put(item) {
    this.changes += 1;
    this.chars += item.text.length - (this.items.get(item.id)?.text.length ?? 0);
    this.items.set(item.id, item);
  }

  /** @param {(item: Item) => boolean} fits */
  #where(fits) {
    return [...this.items.values()].filter(fits);
  }

  /** The first of each room that is neither stored nor failed. */
  #heads() {
    /** @type {Map<string, Item>} */
    const heads = new Map();
    for (const item of this.items.values()) {
      // What is under way goes first, also before an older one that is to be sent again.
      if (isOpen(item) && (item.state === "sent" || !heads.has(item.room))) heads.set(item.room, item);
    }
    return [...heads.values()];
  }
}

/** @param {Item} item */
function isOpen({ state }) {
  return state === "waiting" || state === "sent";
}
