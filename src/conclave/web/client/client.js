/**
 * A client of Conclave, as rules: what to send after what was heard. The page, or any other
 * program, tells it what its person wants; a driver gives it a socket and a clock.
 *
 * It may be relied on that each room's log is shown without holes and doubles, that what
 * was written is sent until it is stored or refused, and in the order it was written.
 */

import { Attendance } from "./attendance.js";
import { Connection } from "./connection.js";
import { Outbox } from "./outbox.js";
import { LOST, refusalOf, Requests } from "./requests.js";
import { Unread } from "./unread.js";
import { asNumber, asText, isData, roomOf, roomsOf } from "./wire.js";

/** @import { Data, Entry, Frame, RoomInfo } from "./wire.js" */
/** @import { Kept } from "./outbox.js" */
/** @import { Done, Refusal } from "./requests.js" */
/** @typedef {{id: string, name: string, role: string}} Me */

/** «I am typing» is said again this often while it goes on. */
const TYPING_AGAIN_MS = 3_000;

export class Client {
  /**
   * @param {object} given
   * @param {() => number} given.random    from 0 up to 1
   * @param {() => number} given.wall      milliseconds since 1970
   * @param {() => string} given.makeId    random, 1 to 64 of A-Za-z0-9_.:-
   * @param {number} [given.hiddenPatienceMs]
   * @param {(entry: Entry) => void} [given.onMessage]  somebody else's new message, once
   */
  constructor({ random, wall, makeId, hiddenPatienceMs, onMessage = () => {} }) {
    this.connection = new Connection({ random, wall, hiddenPatienceMs });
    this.requests = new Requests(makeId);
    this.outbox = new Outbox({ makeId, random, wall });
    this.unread = new Unread();
    this.attendance = new Attendance({
      outbox: this.outbox,
      unread: this.unread,
      me: () => this.me?.id ?? "",
      reading: () => this.reading,
      ready: () => this.connection.ready,
      now: () => this.now,
      random,
      ask: (type, data, done) => this.ask(type, data, done),
      onMessage,
    });
    /** When the last thing happened here. */
    this.now = 0;
    /** @type {Me | null} */
    this.me = null;
    this.limits = { textChars: 4_000 };
    /** All rooms on one's list; null until the server has told it. @type {Map<string, RoomInfo> | null} */
    this.list = null;
    /** The room that is looked at now. @type {string | null} */
    this.reading = null;
    /** Something the server said that answers nothing. @type {Refusal | null} */
    this.said = null;
    /** @type {Map<string, number>} */
    this.typingSaidAt = new Map();
  }

  get state() {
    return this.connection.state;
  }

  /** The rooms one is in here, by name. */
  get rooms() {
    return this.attendance.rooms;
  }

  get due() {
    const sends = this.connection.ready ? this.outbox.due : Infinity;
    return Math.min(this.connection.due, sends, this.attendance.due);
  }

  take() {
    return this.connection.take();
  }

  // ── what a person wants ──────────────────────────────────────────────────────────────

  /** @param {string} token @param {number} now */
  signIn(token, now) {
    this.connection.start(token, now);
  }

  /** Close, and forget everything that was one's own. */
  signOut() {
    this.connection.stop();
    this.#lost();
    this.#forget();
  }

  /** Be in *room* from now on, also after reconnects. @param {string} room */
  join(room) {
    this.attendance.join(room);
  }

  /** Leave *room*; what was written there and not sent is forgotten. @param {string} room */
  leave(room) {
    this.attendance.leave(room);
    this.outbox.dropAll(room);
    this.unread.forget(room);
  }

  /** Write a message; null when too many wait already. @param {string} room @param {string} text @param {number} now */
  say(room, text, now) {
    const item = this.outbox.add(room, text, now);
    this.typingSaidAt.delete(room);
    this.#flush(now);
    return item;
  }

  /** Write again what a reload interrupted, and be in its rooms. @param {Kept[]} kept @param {number} now */
  restore(kept, now) {
    this.outbox.restore(kept, now);
    for (const { room } of kept) this.attendance.join(room);
  }

  /** @param {string} id @param {number} now */
  sayAgain(id, now) {
    this.outbox.again(id, now);
    this.#flush(now);
  }

  /** @param {string} room */
  readOlder(room) {
    this.attendance.readOlder(room);
  }

  /** @param {string} room @param {boolean} active @param {number} now */
  typing(room, active, now) {
    const saidAt = this.typingSaidAt.get(room);
    if (!active && saidAt === undefined) return;
    if (active && saidAt !== undefined && now - saidAt < TYPING_AGAIN_MS) return;
    if (!this.rooms.get(room)?.attached) return;
    if (active) this.typingSaidAt.set(room, now);
    else this.typingSaidAt.delete(room);
    this.connection.send("typing", { room, active });
  }

  /** *name* is open and seen: what comes there is read. @param {string | null} name */
  look(name) {
    if (this.reading !== null && this.reading !== name) this.unread.closed(this.reading);
    this.reading = name;
    const room = name === null ? undefined : this.rooms.get(name);
    if (room?.log.begun) this.unread.read(room.name, room.log.upto);
  }

  /** The page is no longer seen; the room stays open, with the rule of what is new. */
  lookAway() {
    this.reading = null;
  }

  /** @param {{room: string, topic?: string, kind?: string}} wanted @param {Done} done */
  create(wanted, done) {
    this.ask("room:create", wanted, done);
  }

  /** @param {(refusal: Refusal | null, rooms: RoomInfo[]) => void} done */
  browse(done) {
    this.ask("room:list", { scope: "public" }, (refusal, answer) => {
      done(refusal, answer === null ? [] : roomsOf(answer.data));
    });
  }

  /** Send a request; *done* is called once. @param {string} type @param {object} data @param {Done} done */
  ask(type, data, done) {
    if (this.connection.ready) this.connection.send(type, data, this.requests.begin(done));
    else done(LOST, null);
  }

  // ── what happens ─────────────────────────────────────────────────────────────────────

  /** @param {number} generation @param {number} now */
  opened(generation, now) {
    this.connection.opened(generation, now);
  }

  /** @param {number} generation @param {Frame | null} frame @param {number} now */
  received(generation, frame, now) {
    this.now = now;
    const was = this.connection.ready;
    const ours = this.connection.received(generation, frame, now);
    if (ours && frame !== null && !this.requests.answer(frame)) this.#heard(frame, now);
    this.#follow(was, now);
  }

  /** @param {number} generation @param {number} code @param {string} reason @param {number} now */
  closed(generation, code, reason, now) {
    const was = this.connection.ready;
    this.connection.closed(generation, code, reason, now);
    this.#follow(was, now);
  }

  /** @param {number} now */
  tick(now) {
    const was = this.connection.ready;
    this.connection.tick(now);
    if (this.connection.ready) this.outbox.expire(now);
    this.attendance.expire(now);
    this.#follow(was, now);
  }

  /** Has the connection come or gone, and what may be sent now? @param {boolean} was @param {number} now */
  #follow(was, now) {
    if (was && !this.connection.ready) this.#lost();
    if (!was && this.connection.ready) this.#ready();
    this.#flush(now);
  }

  #lost() {
    this.requests.lose();
    this.outbox.lose();
    this.typingSaidAt.clear();
    this.attendance.lose();
  }

  #forget() {
    this.outbox.clear();
    this.unread.clear();
    this.rooms.clear();
    this.list = null;
    this.me = null;
    this.reading = null;
  }

  #ready() {
    this.ask("room:list", { scope: "mine" }, (_, answer) => {
      if (answer !== null) this.#listed(roomsOf(answer.data));
    });
    this.attendance.joinAll();
  }

  /** @param {number} now */
  #flush(now) {
    if (!this.connection.ready) return;
    const open = (/** @type {string} */ room) => this.rooms.get(room)?.attached === true;
    for (const item of this.outbox.next(open, now)) {
      this.connection.send("chat", { room: item.room, text: item.text }, item.id);
    }
  }

  /** @param {Frame} frame @param {number} now */
  #heard({ type, data, id }, now) {
    if (type === "chat" || type === "entry") this.attendance.told(data);
    else if (type === "presence") this.attendance.presence(data);
    else if (type === "typing") this.attendance.typing(data, now);
    else if (type === "ack") this.#acked(id, data);
    else if (type === "error") this.#refused(id, refusalOf(data), now);
    else if (type === "hello") this.#hello(data);
    else if (type === "auth:response") this.#authenticated(data);
    else if (type === "room:changed") this.#changed(data);
    else if (type === "room:gone") this.#gone(asText(data.room));
  }

  /** @param {Data} data */
  #hello(data) {
    const limits = isData(data.limits) ? data.limits : {};
    this.limits = { textChars: asNumber(limits.text_chars) || this.limits.textChars };
  }

  /** @param {Data} data */
  #authenticated(data) {
    if (data.success !== true || !isData(data.user)) return;
    const { id, name, role } = data.user;
    if (this.me !== null && this.me.id !== id) this.#forget();
    this.me = { id: asText(id), name: asText(name, "?"), role: asText(role, "user") };
    this.said = null;
  }

  /** @param {string | null} id @param {Data} data */
  #acked(id, data) {
    if (id === null) return;
    this.outbox.stored(id, asNumber(data.seq));
    const room = this.rooms.get(asText(data.room));
    if (room !== undefined) this.outbox.settleUpto(room.name, room.log.upto);
  }

  /** @param {string | null} id @param {Refusal} refusal @param {number} now */
  #refused(id, refusal, now) {
    if (id !== null && this.outbox.items.has(id)) this.outbox.refused(id, refusal, now);
    else this.said = refusal;
  }

  /** @param {RoomInfo[]} rooms */
  #listed(rooms) {
    this.list = new Map(rooms.map((room) => [room.room, room]));
    for (const info of rooms) this.#counted(info);
  }

  /** @param {Data} data */
  #changed(data) {
    const info = roomOf(data);
    if (info === null || this.list === null) return;
    this.list.set(info.room, info);
    this.#counted(info);
  }

  /** @param {RoomInfo} info */
  #counted(info) {
    // Rooms that are heard are counted line by line.
    if (!this.rooms.get(info.room)?.attached) this.unread.listed(info);
  }

  /** @param {string} name */
  #gone(name) {
    this.list?.delete(name);
    this.rooms.delete(name);
    this.unread.forget(name);
  }
}
