/**
 * The rooms this client is in: joining, also after a broken connection, following what is
 * told, reading what was missed, and noticing when a number is missing.
 *
 * It asks through `ask` and settles what the outbox and the unread counts wait for; it
 * does not know of connections.
 */

import { waitAtLeast } from "./backoff.js";
import { RETRYABLE } from "./codes.js";
import { LOST } from "./requests.js";
import { Room } from "./room.js";
import { asText, entryOf, historyOf, noticeOf } from "./wire.js";

/** @import { Data, Entry } from "./wire.js" */
/** @import { Outbox } from "./outbox.js" */
/** @import { Done, Refusal } from "./requests.js" */
/** @import { Unread } from "./unread.js" */
/**
 * @typedef {object} Around   what a client is besides its rooms
 * @property {Outbox} outbox
 * @property {Unread} unread
 * @property {() => string} me              one's own user id, or ""
 * @property {() => string | null} reading  the room that is looked at
 * @property {() => boolean} ready
 * @property {() => number} now             the moment of what happens now
 * @property {() => number} random          from 0 up to 1
 * @property {(type: string, data: object, done: Done) => void} ask
 * @property {(entry: Entry) => void} onMessage
 */

/** Pages of missed entries to read before the last messages alone are taken. */
const MOST_PAGES = 4;
/** Full jitter may mean at once, which is too soon for a server that just said no. */
const SHORTEST_WAIT_MS = 100;
/** An older page was refused for now: waits are those of a third attempt, some seconds at most. */
const LATER_TRIES = 3;

export class Attendance {
  /** @param {Around} around */
  constructor(around) {
    this.around = around;
    /** @type {Map<string, Room>} */
    this.rooms = new Map();
  }

  get due() {
    let due = Infinity;
    for (const room of this.rooms.values()) due = Math.min(due, room.due);
    return due;
  }

  /** @param {number} now */
  expire(now) {
    for (const room of this.rooms.values()) {
      room.people.expire(now);
      if (now >= room.olderAfter) room.olderAfter = Infinity;
      if (now >= room.joinAfter) this.#attach(room);
    }
  }

  /** @param {string} name */
  join(name) {
    const room = this.rooms.get(name) ?? new Room(name);
    this.rooms.set(name, room);
    if (room.standing === "attached" || room.standing === "joining") return;
    room.standing = "away";
    room.refusal = null;
    this.#attach(room);
  }

  /** @param {string} name */
  leave(name) {
    const room = this.rooms.get(name);
    if (room === undefined || !this.rooms.delete(name)) return;
    if (room.standing === "attached" || room.standing === "joining") {
      this.around.ask("leave:room", { room: name }, () => {});
    }
  }

  /** There is a connection: be in all rooms again. */
  joinAll() {
    for (const room of this.rooms.values()) if (room.standing === "away") this.#attach(room);
  }

  lose() {
    for (const room of this.rooms.values()) room.lose();
  }

  /** Ask for the page before what is known of *name*. @param {string} name */
  readOlder(name) {
    const room = this.rooms.get(name);
    const first = room?.log.lines[0];
    if (!room?.mayReadOlder || first === undefined) return;
    room.readingOlder = true;
    this.around.ask("get:history", { room: name, before: first.seq }, (refusal, answer) => {
      room.readingOlder = false;
      const page = answer && historyOf(answer.data);
      // What was begun anew meanwhile has another first line.
      if (page) return room.log.lines[0] === first && room.log.before(page);
      if (refusal === LOST) return;
      if (this.#isForNow(refusal)) room.olderAfter = this.around.now() + this.#wait(LATER_TRIES, refusal);
      else room.log.olderLeft = false;
    });
  }

  /** @param {Data} data */
  presence(data) {
    this.rooms.get(asText(data.room))?.people.told(data);
  }

  /** @param {Data} data @param {number} now */
  typing(data, now) {
    this.rooms.get(asText(data.room))?.people.typing(data, now);
  }

  /** A `chat` or `entry` came: a notice, or the next line of a room. @param {Data} data */
  told(data) {
    const notice = noticeOf(data);
    if (notice !== null) {
      this.rooms.get(notice.room)?.noticed(notice);
      return;
    }
    const entry = entryOf(data);
    const room = entry === null ? undefined : this.rooms.get(entry.room);
    // Before it is attached, the page of its join brings everything.
    if (entry === null || !room?.attached) return;
    const found = room.log.hear(entry);
    if (found === "gap") this.#mend(room);
    if (found === "new") this.#took(room, entry);
  }

  /** @param {Room} room @param {Entry} entry */
  #took(room, entry) {
    const { unread, outbox, reading, onMessage } = this.around;
    this.#settle(entry);
    outbox.settleUpto(room.name, room.log.upto);
    room.people.spoke(entry.userId);
    if (reading() === room.name) unread.read(room.name, entry.seq);
    else if (this.#isNews(entry)) unread.missed(entry);
    if (this.#isNews(entry)) onMessage(entry);
  }

  /** @param {Room} room */
  #attach(room) {
    room.joinAfter = Infinity;
    if (!this.around.ready()) return;
    room.standing = "joining";
    const since = room.pages < MOST_PAGES ? room.log.position : undefined;
    const data = since === undefined ? { room: room.name } : { room: room.name, since };
    this.around.ask("join:room", data, (refusal, answer) => {
      if (this.rooms.get(room.name) !== room) return;
      if (answer === null) this.#refused(room, refusal);
      else this.#joined(room, answer.data, since !== undefined);
    });
  }

  /** @param {Room} room @param {Refusal | null} refusal */
  #refused(room, refusal) {
    if (refusal === LOST) return;
    if (this.#isForNow(refusal)) {
      room.standing = "away";
      room.joinAfter = this.around.now() + this.#wait(room.joinTries, refusal);
      room.joinTries += 1;
      return;
    }
    room.standing = "refused";
    room.refusal = refusal?.code ?? "internal";
    this.around.outbox.refuseAll(room.name, room.refusal);
  }

  /**
   * Whether the same request may be taken later; an answer nobody can read counts as such.
   *
   * @param {Refusal | null} refusal
   * @returns {boolean}
   */
  #isForNow(refusal) {
    return refusal === null || RETRYABLE.has(refusal.code);
  }

  /** @param {number} tries @param {Refusal | null} refusal */
  #wait(tries, refusal) {
    return SHORTEST_WAIT_MS + waitAtLeast(tries, refusal?.retryAfterMs ?? 0, this.around.random);
  }

  /** @param {Room} room @param {Data} data @param {boolean} asEntries */
  #joined(room, data, asEntries) {
    const page = historyOf(data);
    if (page === null) return this.#refused(room, null);
    const { unread, outbox, me, reading } = this.around;
    const follows = asEntries && !page.reset && page.epoch === room.log.epoch;
    const fresh = follows ? room.log.follow(page) : room.log.begin(page);
    for (const entry of fresh) this.#settle(entry);
    if (!follows) unread.opened(room.name, fresh, me());
    else if (reading() !== room.name) fresh.filter((entry) => this.#isNews(entry)).forEach((entry) => unread.missed(entry));
    outbox.settleUpto(room.name, room.log.upto);
    if (reading() === room.name) unread.read(room.name, room.log.upto);
    room.pages += 1;
    if (follows && page.more) return this.#attach(room);
    room.standing = "attached";
    room.pages = 0;
    room.joinTries = 0;
  }

  /** A number is missing, which the server promises not to do: read from the last known one. @param {Room} room */
  #mend(room) {
    // Asked already, and the answer did not close the gap: the last messages, then.
    if (room.askedAt === room.log.upto) room.pages = MOST_PAGES;
    room.askedAt = room.log.upto;
    this.#attach(room);
  }

  /** @param {Entry} entry */
  #isNews(entry) {
    return entry.type === "message" && entry.userId !== this.around.me();
  }

  /** @param {Entry} entry */
  #settle(entry) {
    if (entry.clientId !== null && entry.userId === this.around.me()) this.around.outbox.settle(entry.clientId);
  }
}
