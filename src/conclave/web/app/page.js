/**
 * The page's state besides what the client knows: which room is open, which dialog, drafts,
 * what is beside the log. Components read it and call its verbs; it calls `onChange` after each.
 */

import { Beside } from "./beside.js";
import { Finding } from "./finding.js";
import { Members } from "./members.js";
import { hashOf, placeOf } from "./route.js";
import { Voice } from "./voice.js";
import { words } from "./words.js";
import { Writing } from "./writing.js";

/** @import { Driver } from "../client/driver.js" */
/** @import { Keeping } from "./keeping.js" */
/** @import { Entry, RoomInfo } from "../client/wire.js" */
/** @import { Desk } from "./writing.js" */
/** @import { Refusal } from "../client/requests.js" */
/**
 * @typedef {{name: "newRoom" | "browse"} | {name: "editRoom" | "leaveRoom", room: string}
 *   | {name: "remove", entry: Entry} | {name: "link", address: string}} Dialog
 * @typedef {{entry: Entry, what: "menu" | "emoji", beside: Element, inThread: boolean}} Acting   what is done to a message
 * @typedef {{name: string, token: string}} DemoUser
 */

const WIDE = "(min-width: 45rem)";

export class Page {
  /**
   * @param {object} given
   * @param {Driver} given.driver
   * @param {Keeping} given.keeping
   * @param {DemoUser[]} given.demo
   * @param {Window} given.window
   */
  constructor({ driver, keeping, demo, window }) {
    this.driver = driver;
    this.client = driver.client;
    this.keeping = keeping;
    this.demo = demo;
    this.window = window;
    this.place = placeOf(window.location.hash);
    /** @type {Dialog | null} */
    this.dialog = null;
    /** @type {Acting | null} */
    this.acting = null;
    /** Whether the end of the open room's log is in sight. */
    this.atEnd = false;
    this.entered = keeping.token !== "";
    /** What was typed into the token field, to be kept when it was refused. */
    this.tokenTyped = "";
    this.left = keeping.left;
    this.finding = new Finding(driver, () => this.changed());
    this.beside = new Beside({ window, finding: this.finding, onChange: () => this.act(null) });
    this.members = new Members(driver, () => this.changed());
    this.writing = new Writing(driver, keeping, this.members);
    this.voice = new Voice({
      now: () => this.now,
      later: (what, ms) => void window.setTimeout(what, ms),
      onChange: () => this.changed(),
    });
    /** The user whose drafts are loaded. */
    this.of = "";
    this.onChange = () => {};
  }

  get now() {
    return this.driver.now();
  }

  /** The rooms to list, in the order of their names. @returns {RoomInfo[]} */
  get listed() {
    const all = [...(this.client.list?.values() ?? [])];
    const shown = all.filter((info) => !this.left.has(info.room));
    return shown.sort((a, b) => a.title.localeCompare(b.title));
  }

  /** The rooms that were closed in this tab; one is a member still. @returns {RoomInfo[]} */
  get closed() {
    return [...(this.client.list?.values() ?? [])].filter((info) => this.left.has(info.room));
  }

  get room() {
    return this.place.room === null ? undefined : this.client.rooms.get(this.place.room);
  }

  /** What the list says of *name*, or what can be said without it. @param {string} name */
  infoOf(name) {
    return this.client.list?.get(name) ?? null;
  }

  // ── coming in and going ──────────────────────────────────────────────────────────────

  /** @param {string} token */
  signIn(token) {
    this.tokenTyped = token;
    this.keeping.token = token;
    this.driver.act((client, now) => client.signIn(token, now));
  }

  signOut() {
    this.entered = false;
    this.tokenTyped = "";
    this.driver.act((client) => client.signOut());
    this.keeping.forget();
    this.writing.begin();
    this.finding.forget();
    this.members.forget();
    this.left = new Set();
    this.of = "";
    this.dialog = null;
    this.acting = null;
    this.goTo(null);
    this.changed();
  }

  /** The session ended: back to the card, with nothing lost that was written. */
  toSignIn() {
    this.entered = false;
    this.changed();
  }

  /** Called after each change of the client: what follows for the page? */
  follow() {
    const { state, me } = this.client;
    if (state.name === "ready") {
      this.entered = true;
      this.tokenTyped = "";
    }
    // Who was here before sees what was kept before the server lets them in.
    if (this.entered && me !== null) {
      if (this.of !== me.id) this.#begin(me.id);
      this.#arrive();
    }
    if (state.name === "stopped") this.keeping.token = "";
    this.window.document.title = words.title(this.unread, this.mentions, this.#titleOf(this.place.room));
  }

  /** What of the listed rooms is unread: one that was left is not there to be read. */
  get unread() {
    return this.listed.reduce((sum, info) => sum + this.client.unread.of(info.room), 0);
  }

  get mentions() {
    return this.listed.reduce((sum, info) => sum + this.client.unread.mentionsOf(info.room), 0);
  }

  /** @param {string} user */
  #begin(user) {
    this.of = user;
    this.keeping.belongTo(user);
    this.writing.begin();
    this.left = this.keeping.left;
  }

  /** Be in the room the address names, once the list says that one may. */
  #arrive() {
    const { list, rooms } = this.client;
    if (list === null) return;
    const { room } = this.place;
    if (room === null) {
      const [first] = this.listed;
      if (first !== undefined && this.wide) this.goTo(first.room);
    } else if (!rooms.has(room) && list.has(room) && !this.left.has(room)) {
      this.driver.act((client) => client.join(room));
    }
    // Where what is new begins is to be known before its end is seen, and all is read.
    if (this.room?.log.begun) this.client.unread.opened(this.room.log, this.client.me?.id ?? "");
    this.look();
  }

  /** Whether rooms and log stand beside each other. */
  get wide() {
    return this.window.matchMedia(WIDE).matches;
  }

  /** What stands beside the log where there is room, over it elsewhere. */
  get panel() {
    return this.beside.panel;
  }

  /** @param {string | null} room */
  #titleOf(room) {
    return room === null || !this.entered ? null : (this.infoOf(room)?.title ?? room);
  }

  // ── rooms ────────────────────────────────────────────────────────────────────────────

  /** @param {string | null} room @param {number | null} [seq] */
  goTo(room, seq = null) {
    const hash = hashOf(room, seq);
    if (!this.wide && seq !== null) this.beside.panel = null;
    if (this.window.location.hash !== hash && !(hash === "#" && !this.window.location.hash)) {
      this.window.location.hash = hash;
    } else if (seq !== null) this.moved();
  }

  /** The address changed. */
  moved() {
    const was = this.place.room;
    this.place = placeOf(this.window.location.hash);
    if (this.place.room !== null) this.#reopen(this.place.room);
    this.voice.turn();
    this.acting = null;
    if (was !== this.place.room) this.#turned(was);
    else if (this.place.seq === null && was !== null) this.driver.act((client) => client.pages.closeAround(was));
    this.#arrive();
    this.changed();
  }

  /** Another room is open. @param {string | null} was */
  #turned(was) {
    this.atEnd = false;
    this.beside.turned(!this.wide);
    if (was === null) return;
    this.driver.act((client) => {
      client.pages.closeAround(was);
      client.pages.closeThread(was);
      client.pages.closePinned(was);
      if (client.unread.of(was) === 0) client.unread.closed(was);
    });
  }

  /** Tell the client what is looked at: the open room, while the page and the room's end are seen. */
  look() {
    const seen = this.window.document.visibilityState === "visible" && this.atEnd;
    const { room } = this.place;
    if (!seen) this.client.lookAway();
    else if (this.client.reading !== room) this.driver.act((client) => client.look(room));
  }

  /** The end of the open room's log came into sight, or went. @param {boolean} atEnd */
  sees(atEnd) {
    this.atEnd = atEnd;
    this.look();
  }

  /** Join *room* and open it. @param {string} room */
  enter(room) {
    this.#reopen(room);
    this.dialog = null;
    this.driver.act((client) => client.join(room));
    this.goTo(room);
    this.changed();
  }

  /** What was closed in this tab is shown again. @param {string} room */
  #reopen(room) {
    if (this.left.delete(room)) this.keeping.left = this.left;
  }

  /** Hide *room* in this tab; one stays a member. @param {string} room */
  closeRoom(room) {
    this.left.add(room);
    this.keeping.left = this.left;
    this.driver.act((client) => client.leave(room));
    this.#goneFrom(room);
  }

  /** @param {string} room */
  #goneFrom(room) {
    if (this.place.room === room) this.goTo(null);
    this.changed();
  }

  /** End one's membership of *room*. @param {string} room @param {(refusal: Refusal | null) => void} done */
  quit(room, done) {
    this.driver.act((client) =>
      client.quit(room, (refusal) => {
        done(refusal);
        if (refusal === null) this.#goneFrom(room);
      }),
    );
  }

  // ── writing ──────────────────────────────────────────────────────────────────────────

  /** Let one write at *desk*, which *begin* prepares. @param {Desk} desk @param {(desk: Desk) => void} begin */
  writeAt(desk, begin) {
    begin(desk);
    this.acting = null;
    this.changed();
    const field = this.window.document.getElementById(composerOf(desk));
    if (!(field instanceof HTMLTextAreaElement)) return;
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }

  // ── what is shown ────────────────────────────────────────────────────────────────────

  /** @param {Dialog | null} dialog */
  show(dialog) {
    this.dialog = dialog;
    this.acting = null;
    this.changed();
  }

  /** Do something to a message: a menu, or a choice of emoji, beside what was pressed. @param {Acting | null} acting */
  act(acting) {
    this.acting = acting;
    this.changed();
  }

  /** @param {Entry} entry */
  heard(entry) {
    if (entry.room === this.place.room) this.voice.heard(entry);
  }

  changed() {
    this.onChange();
  }
}

/** The id of the field at *desk*. @param {Desk} desk */
export const composerOf = ({ thread }) => (thread === null ? "composer" : "thread-composer");
