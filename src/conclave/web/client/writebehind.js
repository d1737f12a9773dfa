/**
 * What of a client differs from what is kept of it: the next thing to write.
 *
 * Requests that wait, and those that failed, are kept until they are stored; of rooms the
 * position and the last lines; and the list. It writes nothing itself, and believes that
 * something is kept only when it is told so.
 */

import { keptOf } from "./items.js";
import { infoRecord, recordOf } from "./kept.js";

/** @import { Client } from "./client.js" */
/** @import { Item, Kept } from "./items.js" */
/** @import { KnownRoom, RoomRecord } from "./kept.js" */
/** @import { RoomInfo } from "./infos.js" */
/** @import { Entry } from "./wire.js" */
/**
 * @typedef {object} Write
 * @property {Kept[]} items      in the order they were written; known ids are replaced
 * @property {string[]} settled  ids to forget
 * @property {RoomRecord[]} rooms
 * @property {string[]} left     rooms to forget
 * @property {{me: object, list: object[]} | null} facts
 */

export class WriteBehind {
  /** @param {Client} client @param {() => number} wall */
  constructor(client, wall) {
    this.client = client;
    this.wall = wall;
    /** What is kept: id → why it failed. @type {Map<string, string | null>} */
    this.items = new Map();
    /** What may be kept: nobody waited for its transaction. @type {Set<string>} */
    this.begun = new Set();
    /** Room → its lines and position when it was kept. @type {Map<string, {lines: Entry[], upto: number, epoch: string}>} */
    this.rooms = new Map();
    /** The same of what is being written. @type {Map<string, {lines: Entry[], upto: number, epoch: string}>} */
    this.going = new Map();
    /** The list and the counts when they were kept. */
    this.facts = "";
    /** How often they had changed when they were compared last. */
    this.compared = -1;
  }

  /** Whether `leisurely` may have something. */
  get restless() {
    return this.compared !== this.client.reckoning.changes || this.#fresh().length > 0;
  }

  /** How many requests wait that are not kept. */
  get unkept() {
    return this.#wanted().filter(({ id }) => !this.items.has(id)).length;
  }

  /** What an earlier visit left is kept already. @param {Kept[]} items @param {KnownRoom[]} rooms */
  found(items, rooms) {
    for (const { room, epoch } of rooms) this.rooms.set(room, { lines: [], upto: 0, epoch });
    for (const { id, code } of items) this.items.set(id, code);
  }

  /** What to write of requests; null when all is kept as it is. @returns {Write | null} */
  urgent() {
    const wanted = this.#wanted();
    const items = wanted.filter(({ id, code }) => this.items.get(id) !== code);
    const ids = new Set(wanted.map(({ id }) => id));
    const settled = [...new Set([...this.items.keys(), ...this.begun])].filter((id) => !ids.has(id));
    if (items.length === 0 && settled.length === 0) return null;
    return { items: items.map(keptOf), settled, rooms: [], left: [], facts: null };
  }

  /** The same of rooms and the list. @returns {Write | null} */
  leisurely() {
    this.compared = this.client.reckoning.changes;
    const fresh = this.#fresh();
    const left = this.#left();
    const facts = this.#facts();
    const same = JSON.stringify(facts) === this.facts;
    this.going = new Map(fresh.map(({ room, lines, upto, epoch }) => [room, { lines, upto, epoch }]));
    if (fresh.length === 0 && left.length === 0 && same) return null;
    return { items: [], settled: [], rooms: fresh.map((log) => recordOf(log, this.wall())), left, facts: same ? null : facts };
  }

  /** *write*, which was made last, is on disk for good. @param {Write} write */
  done({ items, settled, rooms, left, facts }) {
    for (const { id, code } of items) this.items.set(id, code);
    for (const { id } of items) this.begun.delete(id);
    for (const id of settled) {
      this.items.delete(id);
      this.begun.delete(id);
    }
    for (const { room } of rooms) this.rooms.set(room, this.going.get(room) ?? { lines: [], upto: 0, epoch: "" });
    for (const room of left) this.rooms.delete(room);
    if (facts !== null) this.facts = JSON.stringify(facts);
  }

  /** Nothing is known to be kept any more. */
  forget() {
    this.items.clear();
    this.begun.clear();
    this.rooms.clear();
    this.facts = "";
    this.compared = -1;
  }

  /** The logs that are not kept as they are. */
  #fresh() {
    const logs = [...this.client.rooms.values()].map(({ log }) => log);
    return logs.filter(({ room, lines, upto, begun }) => {
      const kept = this.rooms.get(room);
      return begun && (kept?.lines !== lines || kept.upto !== upto);
    });
  }

  /** Kept rooms that one may no longer read, or that are of another history: erased words may be in them. */
  #left() {
    const { rooms, reckoning } = this.client;
    const { list, listed, epoch } = reckoning;
    const gone = (/** @type {string} */ room) => listed && list.rooms?.has(room) === false;
    const old = (/** @type {string} */ of) => epoch !== "" && of !== epoch;
    return [...this.rooms].flatMap(([room, kept]) => {
      const log = rooms.get(room)?.log;
      return gone(room) || (log === undefined ? old(kept.epoch) : !log.begun && rooms.get(room)?.standing === "refused") ? [room] : [];
    });
  }

  /** @returns {Item[]} */
  #wanted() {
    return [...this.client.outbox.items.values()].filter(({ state }) => state !== "stored");
  }

  #facts() {
    const { me, list, unread, reckoning } = this.client;
    if (me === null || list === null) return null;
    return { me, list: [...list.values()].map((/** @type {RoomInfo} */ info) => infoRecord(info, unread, reckoning.epoch)) };
  }
}
