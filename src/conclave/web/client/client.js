/**
 * A client of Conclave, as rules: what to send after what was heard. The page, or any other
 * program, tells it what its person wants; a driver gives it a socket and a clock.
 *
 * It may be relied on that each room's log is shown without holes and doubles, that what
 * was written is sent until it is stored or refused, and in the order it was written.
 */

import { Attendance } from "./attendance.js";
import { Governing } from "./governing.js";
import { hear } from "./hearing.js";
import { Overlay } from "./overlay.js";
import { Pages } from "./pages.js";
import { Questions } from "./questions.js";
import { Reckoning } from "./reckoning.js";
import { Talk } from "./talk.js";

/** @import { Told } from "./infos.js" */
/** @import { Token } from "./proof.js" */
/** @import { Kept } from "./items.js" */
/** @import { Keeps } from "./chest.js" */
/** @import { Done, Refusal } from "./requests.js" */
/** @import { KnownInfo, KnownRoom } from "./kept.js" */
/** @import { Data, Entry, Frame } from "./wire.js" */
/**
 * @typedef {{id: string, name: string, role: string}} Me
 * @typedef {{room: string, title: string, reason: string, text: string, until: number | null}} Gone
 *   text: what a moderator wrote about it; until: of a ban
 */

export class Client extends Talk {
  /**
   * @param {object} given
   * @param {() => number} given.random    from 0 up to 1
   * @param {() => number} given.wall      milliseconds since 1970
   * @param {() => string} given.makeId    random, 1 to 64 of A-Za-z0-9_.:-
   * @param {number} [given.hiddenPatienceMs]
   * @param {(entry: Entry) => void} [given.onMessage]  somebody else's new message, once
   */
  constructor({ random, wall, makeId, hiddenPatienceMs, onMessage = () => {} }) {
    super({ random, wall, makeId, hiddenPatienceMs });
    /** Whom one ignores was changed on another device. @type {(people: {id: string, name: string}[]) => void} */
    this.ignored = () => {};
    /** A message that one wants to be notified of. @type {(told: Told) => void} */
    this.noticed = () => {};
    /** An entry of an application's own kind was read in a room, once and in order. @type {(entry: Entry) => void} */
    this.entered = () => {};
    /** An application told something that is stored nowhere. @type {(type: string, data: Data) => void} */
    this.heard = () => {};
    /** When the last thing happened here. */
    this.now = 0;
    /** @type {Me | null} */
    this.me = null;
    /** Whether one signed out, which also ends what is kept. */
    this.signedOut = false;
    /** What others are told of one. */
    this.status = "online";
    /** How much the server's clock is ahead of the one here. */
    this.skewMs = 0;
    /** A room that was taken away, and why. @type {Gone | null} */
    this.gone = null;
    /** Where what waits is kept, and why nowhere better. @type {Keeps} */
    this.kept = { where: "memory", why: null };
    const me = () => this.me?.id ?? "";
    const around = {
      ready: () => this.connection.ready,
      now: () => this.now,
      random,
      me,
      ask: (/** @type {string} */ type, /** @type {object} */ data, /** @type {Done} */ done) => this.ask(type, data, done),
      room: (/** @type {string} */ name) => this.rooms.get(name),
      onMessage,
      onOwn: (/** @type {Entry} */ entry) => this.entered(entry),
    };
    this.overlay = new Overlay(this.outbox, me);
    this.questions = new Questions(around.ask);
    this.governing = new Governing(around.ask);
    this.pages = new Pages(around);
    this.reckoning = new Reckoning(around);
    this.attendance = new Attendance({ ...around, outbox: this.outbox, reckoning: this.reckoning, pages: this.pages });
  }

  // ── what is known ────────────────────────────────────────────────────────────────────

  /** The rooms one is in here, by name. */
  get rooms() {
    return this.attendance.rooms;
  }

  /** All rooms on one's list; null until the server has told it. */
  get list() {
    return this.reckoning.list.rooms;
  }

  get unread() {
    return this.reckoning.unread;
  }

  /** The room that is looked at now. */
  get reading() {
    return this.reckoning.reading;
  }

  /** The lines of *room* to show: one's own changes are in them at once. @param {string} room */
  linesOf(room) {
    return this.overlay.lines(room, this.rooms.get(room)?.log.lines ?? []);
  }

  /** The same for other lines of *room*. @param {string} room @param {Entry[]} lines */
  shownAll(room, lines) {
    return this.overlay.lines(room, lines);
  }

  /** The same for any other line. @param {Entry} line */
  shown(line) {
    return this.overlay.line(line);
  }

  get due() {
    const sends = this.connection.ready ? this.outbox.due : Infinity;
    return Math.min(this.connection.due, sends, this.attendance.due, this.reckoning.due);
  }

  // ── coming in and going ──────────────────────────────────────────────────────────────

  /** A token, or what gets a fresh one for each connection. @param {Token} token @param {number} now */
  signIn(token, now) {
    this.signedOut = false;
    this.connection.start(token, now);
  }

  /** Close, and forget everything that was one's own. */
  signOut() {
    this.signedOut = true;
    this.connection.stop();
    this.#lost();
    this.forget();
  }

  /** Nothing here is of anybody any more. */
  forget() {
    this.outbox.clear();
    this.reckoning.clear();
    this.attendance.clear();
    this.me = null;
  }

  /** Be in *room* from now on, also after reconnects. @param {string} room */
  join(room) {
    this.attendance.join(room);
  }

  /** Hear *room* no longer; what was written there and not sent is forgotten. @param {string} room */
  leave(room) {
    this.attendance.leave(room);
    this.outbox.dropAll(room);
    this.reckoning.unread.closed(room);
  }

  /** Be a member of *room* no longer. @param {string} room @param {(refusal: Refusal | null) => void} done */
  quit(room, done) {
    this.ask("room:quit", { room }, (refusal) => {
      if (refusal === null) {
        this.outbox.dropAll(room);
        this.left(room);
      }
      done(refusal);
    });
  }

  /** *room* is no longer on one's list. @param {string} room */
  left(room) {
    this.outbox.refuseAll(room, "not_in_room");
    this.rooms.delete(room);
    this.reckoning.left(room);
  }

  /** @override @param {string} room */
  isIn(room) {
    return this.rooms.get(room)?.attached === true;
  }

  /** @param {string} room @param {boolean} active @param {number} now */
  typing(room, active, now) {
    const mayWrite = this.list?.get(room)?.may?.includes("write") !== false;
    if (this.isIn(room) && (mayWrite || !active)) this.ownTyping.set(room, active, now);
  }

  // ── what an earlier visit left ───────────────────────────────────────────────────────

  /** Go on with what was kept of an earlier time, and be in its rooms. @param {Kept[]} kept @param {number} now */
  restore(kept, now) {
    this.outbox.restore(kept, now);
    for (const { room } of kept) this.attendance.join(room);
  }

  /**
   * Begin with what *user* left at an earlier time. Nothing where somebody else is in.
   *
   * @param {string} user
   * @param {{me: Me | null, items: Kept[], rooms: KnownRoom[], list: KnownInfo[]}} known
   * @param {number} now
   */
  remember(user, { me, items, rooms, list }, now) {
    if (this.signedOut || (this.me !== null && this.me.id !== user)) return;
    this.me ??= me?.id === user ? me : { id: user, name: user, role: "user" };
    if (list.length > 0) this.reckoning.remember(list);
    this.attendance.remember(rooms);
    this.restore(items, now);
    this.flush(now);
  }

  // ── reading ──────────────────────────────────────────────────────────────────────────

  /** *name* is open and its end is seen: what comes there is read. @param {string | null} name */
  look(name) {
    this.reckoning.look(name);
  }

  /** The end is no longer seen; the room stays open, with the rule of what is new. */
  lookAway() {
    this.reckoning.lookAway();
  }

  /** The line *seq* of *room*: undefined while it is asked for, null where there is none. @param {string} room @param {number} seq */
  quoteOf(room, seq) {
    const line = this.pages.quoteOf(room, seq);
    return line && this.shown(line);
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
    if (ours && frame !== null && !this.requests.answer(frame)) hear(this, frame, now);
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
    this.now = now;
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
    this.flush(now);
  }

  #lost() {
    this.requests.lose();
    this.outbox.lose();
    this.ownTyping.lose();
    this.attendance.lose();
    this.reckoning.reads.lose();
  }

  #ready() {
    this.reckoning.ask();
    this.attendance.joinAll();
  }

  /** @override @param {number} now */
  flush(now) {
    if (!this.connection.ready) return;
    this.reckoning.reads.tell(now);
    // What an earlier visit left goes first; it is not known yet.
    if (this.kept.where !== "opening") this.pen.flush(now);
  }
}
