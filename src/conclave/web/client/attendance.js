/**
 * The rooms this client is in: joining, also after a broken connection, following what is
 * told, reading what was missed, and noticing when a number is missing.
 *
 * It asks through `ask`, settles what the outbox waits for and tells the reckoning; it does
 * not know of connections.
 */

import { waitAtLeast } from "./backoff.js";
import { RETRYABLE } from "./codes.js";
import { LOST } from "./requests.js";
import { Room } from "./room.js";
import { asText, entryOf, historyOf, noticeOf } from "./wire.js";

/** @import { KnownRoom } from "./kept.js" */
/** @import { Outbox } from "./outbox.js" */
/** @import { Pages } from "./pages.js" */
/** @import { Reckoning } from "./reckoning.js" */
/** @import { Done, Refusal } from "./requests.js" */
/** @import { Data, Entry } from "./wire.js" */
/**
 * @typedef {object} Around   what a client is besides its rooms
 * @property {Outbox} outbox
 * @property {Reckoning} reckoning
 * @property {Pages} pages
 * @property {() => string} me              one's own user id, or ""
 * @property {() => boolean} ready
 * @property {() => number} now             the moment of what happens now
 * @property {() => number} random          from 0 up to 1
 * @property {(entry: Entry) => void} onOwn  an entry of an application's own kind
 * @property {(type: string, data: object, done: Done) => void} ask
 */

/** Pages of missed entries to read before the last messages alone are taken. */
const MOST_PAGES = 4;
/** Refusals after which one may not read what one could read before. */
const SHUT = new Set(["no_such_room", "not_in_room", "forbidden", "banned"]);
/** Full jitter may mean at once, which is too soon for a server that just said no. */
const SHORTEST_WAIT_MS = 100;
/** An answer that takes longer than this, on a connection that lives, will not come. */
const JOIN_WITHIN_MS = 30_000;

export class Attendance {
  /** @param {Around} around */
  constructor(around) {
    this.around = around;
    /** @type {Map<string, Room>} */
    this.rooms = new Map();
    /** What was known of rooms at an earlier time: they begin with it. @type {Map<string, KnownRoom>} */
    this.known = new Map();
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
      if (now >= room.readAfter) {
        room.readAfter = Infinity;
        this.around.pages.renew(room);
      }
      if (now >= room.joinAfter) this.#attach(room);
    }
  }

  /** @param {string} name */
  join(name) {
    const room = this.rooms.get(name) ?? new Room(name, this.around.me);
    room.log.onOwn = this.around.onOwn;
    this.rooms.set(name, room);
    this.#begin(room);
    if (room.standing === "attached" || room.standing === "joining") return;
    room.standing = "away";
    room.refusal = null;
    this.#attach(room);
  }

  /** @param {KnownRoom[]} known */
  remember(known) {
    this.known = new Map(known.map((one) => [one.room, one]));
    for (const room of this.rooms.values()) this.#begin(room);
  }

  /** @param {Room} room */
  #begin(room) {
    const known = this.known.get(room.name);
    this.known.delete(room.name);
    const { list, listed } = this.around.reckoning;
    if (listed && list.rooms?.has(room.name) === false) return;
    if (known !== undefined && !room.log.begun) room.log.remember(known);
  }

  clear() {
    this.rooms.clear();
    this.known.clear();
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
    const { reckoning, outbox, pages } = this.around;
    this.#settle(entry);
    outbox.settleUpto(room.name, room.log.upto);
    room.people.spoke(entry.userId);
    room.took(entry);
    reckoning.heard(room, entry);
    pages.renew(room);
  }

  /** @param {Room} room */
  #attach(room) {
    room.joinAfter = Infinity;
    if (!this.around.ready()) return;
    room.standing = "joining";
    room.joinAfter = this.around.now() + JOIN_WITHIN_MS;
    const turn = (room.joins += 1);
    const since = room.pages < MOST_PAGES ? room.log.position : undefined;
    const data = since === undefined ? { room: room.name } : { room: room.name, since };
    this.around.ask("join:room", data, (refusal, answer) => {
      if (this.rooms.get(room.name) !== room || room.joins !== turn) return;
      room.joinAfter = Infinity;
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
    if (SHUT.has(room.refusal)) room.forget();
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
    this.#isOf(page.epoch, room);
    const follows = asEntries && !page.reset && page.epoch === room.log.epoch;
    if (follows) this.#followed(room, room.log.follow(page));
    else this.#began(room, room.log.begin(page));
    this.around.outbox.settleUpto(room.name, room.log.upto);
    room.pages += 1;
    if (follows && page.more) return this.#attach(room);
    room.standing = "attached";
    room.pages = 0;
    room.joinTries = 0;
    this.around.pages.renew(room);
  }

  /** A page is of *epoch*: what was known of another history holds no longer. @param {string} epoch @param {Room} room */
  #isOf(epoch, room) {
    if (room.log.begun && room.log.epoch !== epoch) this.around.outbox.settleUpto(room.name, Infinity);
    for (const known of this.known.values()) if (known.epoch !== epoch) this.known.delete(known.room);
    this.around.reckoning.isOf(epoch);
  }

  /** @param {Room} room @param {Entry[]} fresh */
  #followed(room, fresh) {
    for (const entry of fresh) {
      this.#settle(entry);
      room.took(entry);
    }
    this.around.reckoning.followed(room, fresh);
  }

  /** @param {Room} room @param {Entry[]} lines */
  #began(room, lines) {
    for (const line of lines) this.#settle(line);
    room.began();
    this.around.reckoning.began(room);
  }

  /** A number is missing, which the server promises not to do: read from the last known one. @param {Room} room */
  #mend(room) {
    // Asked already, and the answer did not close the gap: the last messages, then.
    if (room.askedAt === room.log.upto) room.pages = MOST_PAGES;
    room.askedAt = room.log.upto;
    this.#attach(room);
  }

  /** @param {Entry} entry */
  #settle(entry) {
    if (entry.clientId !== null && entry.userId === this.around.me()) this.around.outbox.settle(entry.clientId);
  }
}
