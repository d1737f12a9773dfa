/**
 * A client of Conclave, as rules: what to send after what was heard. The page, or any other
 * program, tells it what its person wants; a driver gives it a socket and a clock.
 *
 * It may be relied on that each room's log is shown without holes and doubles, that what
 * was written is sent until it is stored or refused, and in the order it was written.
 */

import { Connection } from "./connection.js";
import { Outbox } from "./outbox.js";
import { LOST, refusalOf, Requests } from "./requests.js";
import { Room } from "./room.js";
import { Unread } from "./unread.js";
import { asNumber, asText, entryOf, historyOf, isData, noticeOf, roomOf, roomsOf } from "./wire.js";

/** @import { Data, Entry, Frame, RoomInfo } from "./wire.js" */
/** @import { Done, Refusal } from "./requests.js" */
/**
 * @typedef {{id: string, name: string, role: string}} Me
 * @typedef {{textChars: number}} Limits
 */

/** Pages of missed entries to read before the last messages alone are taken. */
const MOST_PAGES = 4;
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
    this.onMessage = onMessage;
    /** @type {Me | null} */
    this.me = null;
    /** @type {Limits} */
    this.limits = { textChars: 4_000 };
    /** The rooms one is in here. @type {Map<string, Room>} */
    this.rooms = new Map();
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

  get due() {
    let due = this.connection.due;
    if (this.connection.ready) due = Math.min(due, this.outbox.due);
    for (const room of this.rooms.values()) due = Math.min(due, room.people.due);
    return due;
  }

  take() {
    return this.connection.take();
  }

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

  #forget() {
    this.outbox.clear();
    this.unread = new Unread();
    this.rooms.clear();
    this.list = null;
    this.me = null;
    this.reading = null;
  }

  // ── what a person wants ──────────────────────────────────────────────────────────────

  /** Be in *name* from now on, also after reconnects. @param {string} name */
  join(name) {
    const room = this.rooms.get(name) ?? new Room(name);
    this.rooms.set(name, room);
    if (room.standing === "attached" || room.standing === "joining") return;
    room.standing = "away";
    room.refusal = null;
    this.#attach(room);
  }

  /** Leave *name*; what was written there and not sent is forgotten. @param {string} name */
  leave(name) {
    const room = this.rooms.get(name);
    if (room === undefined) return;
    this.rooms.delete(name);
    for (const item of this.outbox.of(name)) this.outbox.settle(item.id);
    this.unread.forget(name);
    if (room.standing === "attached" || room.standing === "joining") {
      this.ask("leave:room", { room: name }, () => {});
    }
  }

  /** Write a message; null when too many wait already. @param {string} room @param {string} text @param {number} now */
  say(room, text, now) {
    const item = this.outbox.add(room, text, now);
    this.typingSaidAt.delete(room);
    this.#flush(now);
    return item;
  }

  /** @param {string} id @param {number} now */
  sayAgain(id, now) {
    this.outbox.again(id, now);
    this.#flush(now);
  }

  /** Ask for the page before what is known of *name*. @param {string} name */
  readOlder(name) {
    const room = this.rooms.get(name);
    const first = room?.log.lines[0];
    if (!room?.attached || first === undefined || !room.log.olderLeft || room.readingOlder) return;
    room.readingOlder = true;
    this.ask("get:history", { room: name, before: first.seq }, (refusal, answer) => {
      room.readingOlder = false;
      const page = answer && historyOf(answer.data);
      // What was reset meanwhile has another first line.
      if (page && room.log.lines[0] === first) room.log.before(page);
      else if (refusal && refusal.code !== LOST.code) room.log.olderLeft = false;
    });
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

  /** @param {string | null} name */
  look(name) {
    if (this.reading !== null && this.reading !== name) this.unread.closed(this.reading);
    this.reading = name;
    this.#seen(name);
  }

  /** The page is no longer looked at; the room stays open, with its rule. */
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
    if (!this.connection.ready) {
      done(LOST, null);
      return;
    }
    this.connection.send(type, data, this.requests.begin(done));
  }

  // ── what happens ─────────────────────────────────────────────────────────────────────

  /** @param {number} generation @param {Frame | null} frame @param {number} now */
  received(generation, frame, now) {
    const was = this.connection.ready;
    const ours = this.connection.received(generation, frame, now);
    if (ours && frame !== null && !this.requests.answer(frame)) this.#heard(frame, now);
    this.#follow(was, now);
  }

  /** @param {number} generation @param {number} now */
  opened(generation, now) {
    this.connection.opened(generation, now);
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
    this.#follow(was, now);
    if (this.connection.ready) this.outbox.expire(now);
    for (const room of this.rooms.values()) room.people.expire(now);
  }

  /** After any event: has the connection come or gone, and what may be sent now? @param {boolean} was @param {number} now */
  #follow(was, now) {
    if (was && !this.connection.ready) this.#lost();
    if (!was && this.connection.ready) this.#ready();
    this.#flush(now);
  }

  #lost() {
    this.requests.lose();
    this.outbox.lose();
    this.typingSaidAt.clear();
    for (const room of this.rooms.values()) room.lose();
  }

  #ready() {
    this.ask("room:list", { scope: "mine" }, (_, answer) => {
      if (answer !== null) this.#listed(roomsOf(answer.data));
    });
    for (const room of this.rooms.values()) this.#attach(room);
  }

  /** @param {number} now */
  #flush(now) {
    if (!this.connection.ready) return;
    const open = (/** @type {string} */ room) => this.rooms.get(room)?.attached === true;
    for (const item of this.outbox.next(open, now)) {
      this.connection.send("chat", { room: item.room, text: item.text }, item.id);
    }
  }

  /** @param {RoomInfo[]} rooms */
  #listed(rooms) {
    this.list = new Map(rooms.map((room) => [room.room, room]));
    for (const info of rooms) {
      if (!this.rooms.get(info.room)?.attached) this.unread.listed(info);
    }
  }

  /** @param {Room} room */
  #attach(room) {
    if (!this.connection.ready || room.standing === "joining") return;
    room.standing = "joining";
    const since = room.pages < MOST_PAGES ? room.log.position : undefined;
    const data = since === undefined ? { room: room.name } : { room: room.name, since };
    this.ask("join:room", data, (refusal, answer) => {
      if (this.rooms.get(room.name) !== room) return;
      if (answer === null) this.#notJoined(room, refusal);
      else this.#joined(room, answer.data, since !== undefined);
    });
  }

  /** @param {Room} room @param {Refusal | null} refusal */
  #notJoined(room, refusal) {
    if (refusal === LOST) return;
    room.standing = "refused";
    room.refusal = refusal?.code ?? "internal";
    for (const item of this.outbox.of(room.name)) {
      if (item.state !== "stored") this.outbox.refused(item.id, { ...LOST, code: room.refusal }, 0);
    }
  }

  /** @param {Room} room @param {Data} data @param {boolean} asEntries */
  #joined(room, data, asEntries) {
    const page = historyOf(data);
    if (page === null) return this.#notJoined(room, null);
    if (asEntries && !page.reset && page.epoch === room.log.epoch) {
      const fresh = room.log.follow(page);
      room.pages += 1;
      for (const entry of fresh) this.#settle(entry);
      if (this.reading !== room.name) this.#count(fresh);
    } else {
      room.log.begin(page);
      for (const entry of page.entries) this.#settle(entry);
      this.unread.opened(room.name, page.entries, this.me?.id ?? "");
    }
    this.outbox.settleUpto(room.name, room.log.upto);
    if (this.reading === room.name) this.#seen(room.name);
    room.standing = asEntries && page.more && !page.reset ? "away" : "attached";
    if (room.standing === "away") this.#attach(room);
    else room.pages = 0;
  }

  /** @param {Entry[]} entries */
  #count(entries) {
    for (const entry of entries) {
      if (entry.type === "message" && entry.userId !== this.me?.id) this.unread.missed(entry);
    }
  }

  /** @param {Frame} frame @param {number} now */
  #heard(frame, now) {
    switch (frame.type) {
      case "hello":
        this.#hello(frame.data);
        break;
      case "auth:response":
        this.#authenticated(frame.data);
        break;
      case "ack":
        if (frame.id !== null) this.#acked(frame.id, frame.data);
        break;
      case "error":
        this.#error(frame, now);
        break;
      case "chat":
      case "entry":
        this.#told(frame.data);
        break;
      case "presence":
        this.rooms.get(asText(frame.data.room))?.people.told(frame.data);
        break;
      case "typing":
        this.rooms.get(asText(frame.data.room))?.people.typing(frame.data, now);
        break;
      case "room:changed":
        this.#changed(frame.data);
        break;
      case "room:gone":
        this.#gone(asText(frame.data.room));
        break;
    }
  }

  /** @param {Data} data */
  #hello(data) {
    const limits = isData(data.limits) ? data.limits : {};
    this.limits = { textChars: asNumber(limits.text_chars, 0) || this.limits.textChars };
  }

  /** @param {Data} data */
  #authenticated(data) {
    if (data.success !== true || !isData(data.user)) return;
    const { id, name, role } = data.user;
    if (this.me !== null && this.me.id !== id) this.#forget();
    this.me = { id: asText(id), name: asText(name, "?"), role: asText(role, "user") };
    this.said = null;
  }

  /** @param {string} id @param {Data} data */
  #acked(id, data) {
    const room = this.rooms.get(asText(data.room));
    this.outbox.stored(id, asNumber(data.seq));
    if (room !== undefined) this.outbox.settleUpto(room.name, room.log.upto);
  }

  /** @param {Frame} frame @param {number} now */
  #error(frame, now) {
    const refusal = refusalOf(frame.data);
    const item = frame.id === null ? undefined : this.outbox.items.get(frame.id);
    if (item === undefined) {
      this.said = refusal;
      return;
    }
    this.outbox.refused(item.id, refusal, now);
  }

  /** @param {Data} data */
  #told(data) {
    const notice = noticeOf(data);
    if (notice !== null) {
      this.rooms.get(notice.room)?.noticed(notice);
      return;
    }
    const entry = entryOf(data);
    const room = entry === null ? undefined : this.rooms.get(entry.room);
    if (entry === null || room === undefined) return;
    // Before it is attached the page of its join brings everything.
    if (!room.attached) return;
    const found = room.log.hear(entry);
    if (found === "gap") this.#mend(room);
    if (found === "new") this.#new(room, entry);
  }

  /** @param {Room} room @param {Entry} entry */
  #new(room, entry) {
    this.#settle(entry);
    this.outbox.settleUpto(room.name, room.log.upto);
    room.people.spoke(entry.userId);
    const others = entry.type === "message" && entry.userId !== this.me?.id;
    if (this.reading === room.name) this.unread.read(room.name, entry.seq);
    else if (others) this.unread.missed(entry);
    if (others) this.onMessage(entry);
  }

  /** A number is missing, which the server promises not to do: read from the last known one. @param {Room} room */
  #mend(room) {
    if (room.askedAt === room.log.upto) {
      // It was asked and the answer did not close the gap: the last messages, then.
      room.pages = MOST_PAGES;
    }
    room.askedAt = room.log.upto;
    room.standing = "away";
    this.#attach(room);
  }

  /** @param {Entry} entry */
  #settle(entry) {
    if (entry.clientId !== null && entry.userId === this.me?.id) this.outbox.settle(entry.clientId);
  }

  /** @param {Data} data */
  #changed(data) {
    const info = roomOf(data);
    if (info === null || this.list === null) return;
    this.list.set(info.room, info);
    if (!this.rooms.get(info.room)?.attached) this.unread.listed(info);
  }

  /** @param {string} name */
  #gone(name) {
    this.list?.delete(name);
    this.rooms.delete(name);
    this.unread.forget(name);
  }

  /** @param {string | null} name */
  #seen(name) {
    const room = name === null ? undefined : this.rooms.get(name);
    if (room !== undefined && room.log.begun) this.unread.read(room.name, room.log.upto);
  }
}
