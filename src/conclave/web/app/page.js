/**
 * The page's state besides what the client knows: which room is open, which dialog, drafts,
 * what is announced. Components read it and call its verbs; it calls `onChange` after each.
 */

import { Announcer } from "./announcer.js";
import { hashOf, placeOf } from "./route.js";
import { words } from "./words.js";

/** @import { Driver } from "../client/driver.js" */
/** @import { Keeping } from "./keeping.js" */
/** @import { Entry, RoomInfo } from "../client/wire.js" */
/** @typedef {null | "newRoom" | "browse"} Dialog */
/** @typedef {{name: string, token: string}} DemoUser */

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
    /** @type {Dialog} */
    this.dialog = null;
    /** Whether people are shown: beside the log where there is room, over it elsewhere. */
    this.aside = window.matchMedia("(min-width: 68.75rem)").matches;
    this.entered = keeping.token !== "";
    /** What was typed into the token field, to be kept when it was refused. */
    this.tokenTyped = "";
    this.drafts = keeping.drafts;
    this.left = keeping.left;
    this.announcer = new Announcer();
    this.announced = "";
    this.announcements = 0;
    /** The user whose read marks are loaded. */
    this.marksOf = "";
    /** Whose turn it is to write here: nobody begins with what another left in the field. */
    this.owners = 0;
    /** The state of the outbox that is kept. */
    this.keptChanges = -1;
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
    this.drafts = new Map();
    this.left = new Set();
    this.marksOf = "";
    this.dialog = null;
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
    if (state.name === "ready" && me !== null) {
      this.entered = true;
      this.tokenTyped = "";
      if (this.marksOf !== me.id) this.#begin(me.id);
      this.#arrive();
    }
    if (state.name === "stopped") this.keeping.token = "";
    if (me !== null && this.marksOf === me.id) this.#keep(me.id);
    this.window.document.title = words.title(this.unread, this.#titleOf(this.place.room));
  }

  /** What of the listed rooms is unread: one that was left is not there to be read. */
  get unread() {
    return this.listed.reduce((sum, info) => sum + this.client.unread.of(info.room), 0);
  }

  /** @param {string} user */
  #keep(user) {
    const { unread, outbox } = this.client;
    this.keeping.keepMarks(user, unread.marks);
    if (this.keptChanges === outbox.changes) return;
    this.keptChanges = outbox.changes;
    this.keeping.pending = outbox.kept;
  }

  /** @param {string} user */
  #begin(user) {
    this.marksOf = user;
    if (this.keeping.belongTo(user)) this.owners += 1;
    this.drafts = this.keeping.drafts;
    this.left = this.keeping.left;
    const { marks } = this.client.unread;
    for (const [room, seq] of this.keeping.marks(user)) marks.set(room, seq);
    const kept = this.keeping.pending;
    if (kept.length > 0) this.driver.act((client, now) => client.restore(kept, now));
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
    this.look();
  }

  /** Whether rooms and log stand beside each other. */
  get wide() {
    return this.window.matchMedia("(min-width: 45rem)").matches;
  }

  /** @param {string | null} room */
  #titleOf(room) {
    return room === null || !this.entered ? null : (this.infoOf(room)?.title ?? room);
  }

  // ── rooms ────────────────────────────────────────────────────────────────────────────

  /** @param {string | null} room @param {number | null} [seq] */
  goTo(room, seq = null) {
    const hash = hashOf(room, seq);
    if (this.window.location.hash === hash || (hash === "#" && !this.window.location.hash)) return;
    this.window.location.hash = hash;
  }

  /** The address changed. */
  moved() {
    this.place = placeOf(this.window.location.hash);
    this.announcer.forget();
    if (!this.wide) this.aside = false;
    this.#arrive();
    this.changed();
  }

  /** Tell the client what is looked at: the open room, while the page is seen. */
  look() {
    const seen = this.window.document.visibilityState === "visible";
    const { room } = this.place;
    if (!seen) this.client.lookAway();
    else if (this.client.reading !== room) this.client.look(room);
  }

  /** Join *room* and open it. @param {string} room */
  enter(room) {
    this.left.delete(room);
    this.keeping.left = this.left;
    this.dialog = null;
    this.driver.act((client) => client.join(room));
    this.goTo(room);
    this.changed();
  }

  /** @param {string} room */
  leave(room) {
    this.left.add(room);
    this.keeping.left = this.left;
    this.driver.act((client) => client.leave(room));
    if (this.place.room === room) this.goTo(null);
    this.changed();
  }

  // ── writing ──────────────────────────────────────────────────────────────────────────

  /** @param {string} room */
  draftOf(room) {
    return this.drafts.get(room) ?? "";
  }

  /** @param {string} room @param {string} text */
  write(room, text) {
    if (text === "") this.drafts.delete(room);
    else this.drafts.set(room, text);
    this.keeping.drafts = this.drafts;
    this.driver.act((client, now) => client.typing(room, text.trim() !== "", now));
  }

  /** Whether the message was taken. @param {string} room @param {string} text */
  say(room, text) {
    const taken = this.driver.act((client, now) => client.say(room, text, now)) !== null;
    if (taken) this.write(room, "");
    return taken;
  }

  // ── what is shown ────────────────────────────────────────────────────────────────────

  /** @param {Dialog} dialog */
  show(dialog) {
    this.dialog = dialog;
    this.changed();
  }

  /** @param {boolean} shown */
  showAside(shown) {
    this.aside = shown;
    this.changed();
  }

  /** @param {Entry} entry */
  heard(entry) {
    if (entry.room !== this.place.room) return;
    this.announcer.heard(entry);
    this.announce();
  }

  /** Say what is due, and come back for the rest. */
  announce() {
    const said = this.announcer.say(this.now);
    if (said !== null) {
      this.announced = said;
      this.announcements += 1;
      this.changed();
    }
    const wait = this.announcer.due - this.now;
    if (Number.isFinite(wait)) this.window.setTimeout(() => this.announce(), Math.max(wait, 0));
  }

  changed() {
    this.onChange();
  }
}
