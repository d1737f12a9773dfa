/**
 * What is on one's list of rooms, what of it is unread, and how far one has read: the
 * server's numbers, what is heard here, and what is looked at, brought together.
 */

import { Reads } from "./reads.js";
import { RoomList } from "./roomlist.js";
import { isNews, Unread } from "./unread.js";
import { roomOf, roomsOf } from "./infos.js";
import { asSeq, asText } from "./wire.js";

/** @import { RoomInfo } from "./infos.js" */
/** @import { KnownInfo } from "./kept.js" */
/** @import { Done } from "./requests.js" */
/** @import { Room } from "./room.js" */
/** @import { Data, Entry } from "./wire.js" */
/**
 * @typedef {object} Around
 * @property {(type: string, data: object, done: Done) => void} ask
 * @property {() => boolean} ready
 * @property {() => number} now
 * @property {() => number} random
 * @property {() => string} me
 * @property {(name: string) => Room | undefined} room   the rooms one is in here
 * @property {(entry: Entry) => void} onMessage
 */

export class Reckoning {
  /** @param {Around} around */
  constructor(around) {
    this.around = around;
    /** What was told of rooms since the list was asked for. @type {Map<string, RoomInfo>} */
    this.toldNow = new Map();
    this.list = new RoomList();
    this.unread = new Unread();
    this.reads = new Reads(around, (room) => this.#told(room));
    /** The room that is looked at now. @type {string | null} */
    this.reading = null;
    /** The room that was looked at last: its rule of what is new stays. @type {string | null} */
    this.open = null;
    this.asking = false;
    /** Whether the list is the server's, not one that was kept. */
    this.listed = false;
    /** Of which history the numbers are; "" while nobody knows. */
    this.epoch = "";
    /** What is being answered may be older than what was asked about since. */
    this.again = false;
  }

  /** Goes up with each change of the list or of what is unread. */
  get changes() {
    return this.list.changes + this.unread.changes;
  }

  get due() {
    return this.around.ready() ? this.reads.due : Infinity;
  }

  /** *name* is open and seen: what comes there is read. @param {string | null} name */
  look(name) {
    if (this.open !== null && this.open !== name) this.unread.closed(this.open);
    this.open = name;
    this.reading = name;
    const room = name === null ? undefined : this.around.room(name);
    if (room?.log.begun) this.#read(room);
  }

  lookAway() {
    this.reading = null;
  }

  /** Begin with what was known at an earlier time; what the server has said since wins. @param {KnownInfo[]} known */
  remember(known) {
    const epoch = known[0]?.epoch ?? "";
    // Marks and counts of another history would never be reached in this one.
    if (this.epoch !== "" && epoch !== "" && epoch !== this.epoch) return;
    this.epoch ||= epoch;
    const begins = this.list.rooms === null;
    if (begins) this.list.listed(known.map(({ info }) => info));
    for (const { info, mark } of known) {
      if (begins) this.unread.listed({ ...info, readSeq: mark });
      if (begins) this.reads.known(info.room, info.readSeq);
      if (mark > info.readSeq) this.reads.read(info.room, mark);
      if (!this.unread.readElsewhere(info.room, mark, undefined, "")) this.ask();
    }
  }

  /** What is heard is of *epoch*: the numbers of another history say nothing of this one. @param {string} epoch */
  isOf(epoch) {
    const was = this.epoch;
    this.epoch = epoch;
    if (was === "" || was === epoch) return;
    this.unread.clear();
    this.reads.clear();
    this.ask();
  }

  /** Ask for the list of rooms; once at a time. */
  ask() {
    this.again = this.asking;
    if (this.asking) return;
    this.asking = true;
    this.toldNow.clear();
    this.#askAfter([]);
  }

  /** Ask for the page after *before*, which are those before it. @param {RoomInfo[]} before */
  #askAfter(before) {
    const last = before.at(-1)?.room;
    this.around.ask("room:list", last === undefined ? { scope: "mine" } : { scope: "mine", after: last }, (_, answer) => {
      const rooms = roomsOf(answer?.data ?? {});
      if (answer?.data.more === true && rooms.length > 0) return this.#askAfter([...before, ...rooms]);
      this.asking = false;
      if (answer === null) return;
      // What was told since the first page is newer than that.
      const all = new Map([...before, ...rooms].map((info) => [info.room, info]));
      this.#listed([...all.values()].map((info) => (before.length > 0 ? (this.toldNow.get(info.room) ?? info) : info)));
      if (this.again) this.ask();
    });
  }

  /** @param {Data} data */
  changed(data) {
    const info = roomOf(data);
    if (info !== null && this.asking) this.toldNow.set(info.room, info);
    if (info === null || !this.list.changed(info)) return;
    this.unread.listed(info);
    this.reads.known(info.room, info.readSeq);
  }

  /** Somebody's mark moved; one's own on another device too. @param {Data} data */
  read(data) {
    const [name, user, seq] = [asText(data.room), asText(data.user), asSeq(data.seq)];
    const room = this.around.room(name);
    if (user !== this.around.me()) return room?.readBy(user, seq);
    this.reads.known(name, seq);
    if (!this.unread.readElsewhere(name, seq, room?.log, user)) this.ask();
    else this.#told(name);
  }

  /** A live entry is the room's next. @param {Room} room @param {Entry} entry */
  heard(room, entry) {
    const me = this.around.me();
    this.list.heard(entry, me);
    const news = isNews(entry, me);
    if (entry.userId === me && entry.type === "message") this.#wrote(entry);
    else if (this.reading === room.name) this.#seen(room);
    else this.unread.missed(entry, me);
    if (entry.type === "message:deleted") this.#recount(room);
    if (news) this.around.onMessage(entry);
  }

  /** A page of missed entries came. @param {Room} room @param {Entry[]} fresh */
  followed(room, fresh) {
    const me = this.around.me();
    for (const entry of fresh) this.list.heard(entry, me);
    this.#wroteElsewhere(room, fresh);
    if (this.reading === room.name) return this.#read(room);
    for (const entry of fresh) this.unread.missed(entry, me);
    const exact = this.unread.recount(room.log, me);
    if (!exact && fresh.some(({ type }) => type === "message:deleted")) this.ask();
  }

  /** The room was begun with its last messages. @param {Room} room */
  began(room) {
    this.#wroteElsewhere(room, room.log.lines);
    if (this.reading === room.name) return this.#read(room);
    const { asOf } = this.unread.rooms.get(room.name) ?? { asOf: Infinity };
    // What came between the counts and the page is in neither.
    if (!this.unread.recount(room.log, this.around.me()) && room.log.upto > asOf) this.ask();
  }

  /** The room is no longer on one's list. @param {string} name */
  left(name) {
    this.list.gone(name);
    this.unread.forget(name);
    this.reads.forget(name);
  }

  clear() {
    this.unread.clear();
    this.reads.clear();
    this.list.rooms = null;
    this.listed = false;
    this.epoch = "";
    this.reading = null;
    this.open = null;
  }

  /** All of *room* is seen; the server is told where that is news to it. @param {Room} room */
  #read(room) {
    this.unread.opened(room.log, this.around.me());
    this.#seen(room);
  }

  /** The same for what is seen as it comes: it is never new. @param {Room} room */
  #seen({ name, log }) {
    const mark = this.unread.markOf(name);
    const last = log.lines.findLast((line) => isNews(line, this.around.me()))?.seq ?? 0;
    const left = mark === undefined || last > mark || this.unread.of(name) > 0;
    this.unread.read(name, log.upto);
    if (left) this.reads.read(name, log.upto);
  }

  /** A line that was counted may be no more. @param {Room} room */
  #recount({ name, log }) {
    if (this.unread.of(name) > 0 && !this.unread.recount(log, this.around.me())) this.ask();
  }

  /** The server knows a mark: what it counted before may be too much, also in an answer under way. @param {string} room */
  #told(room) {
    if (this.asking || this.unread.isRough(room)) this.ask();
  }

  /** Who writes has read what stands above; the server takes it so too. @param {Entry} entry */
  #wrote(entry) {
    this.unread.read(entry.room, entry.seq);
    this.reads.known(entry.room, entry.seq);
  }

  /** A page shows what one wrote meanwhile: see `#wrote`. @param {Room} room @param {Entry[]} lines */
  #wroteElsewhere({ name, log }, lines) {
    const me = this.around.me();
    const last = lines.findLast(({ type, userId }) => type === "message" && userId === me);
    if (last === undefined) return;
    this.reads.known(name, last.seq);
    if (!this.unread.readElsewhere(name, last.seq, log, me)) this.ask();
  }

  /** @param {RoomInfo[]} rooms */
  #listed(rooms) {
    this.list.listed(rooms);
    this.listed = true;
    for (const info of rooms) {
      this.unread.listed(info);
      this.reads.known(info.room, info.readSeq);
    }
  }
}
