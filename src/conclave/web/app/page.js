/**
 * The page's state besides what the client knows: which room is open, which dialog, drafts,
 * what is beside the log. Components read it and call its verbs; it calls `onChange` after each.
 */

import { Http } from "./api/http.js";
import { Ways } from "./api/ways.js";
import { Beside } from "./beside.js";
import { Door } from "./door.js";
import { Favicon } from "./favicon.js";
import { Finding } from "./finding.js";
import { Following } from "./following.js";
import { Going } from "./going.js";
import { Idleness } from "./idleness.js";
import { Ignored } from "./ignored.js";
import { Knocking } from "./knocking.js";
import { Looks } from "./looks.js";
import { Members } from "./members.js";
import { Notices } from "./notices.js";
import { Reading } from "./reading.js";
import { Pushes } from "./pushes.js";
import { Seldom } from "./seldom.js";
import { Order } from "./order.js";
import { hashOf, officeHash } from "./route.js";
import { Voice } from "./voice.js";
import { Writing } from "./writing.js";

/** @import { Version } from "./version.js" */
/** @import { Driver } from "../client/driver.js" */
/** @import { Keeping } from "./keeping.js" */
/** @import { RoomInfo } from "../client/infos.js" */
/** @import { Entry } from "../client/wire.js" */
/** @import { Slash } from "./slash.js" */
/** @import { Desk } from "./writing.js" */
/** @import { Trays } from "./attaching/trays.js" */
/** @import { AccountPart } from "./parts/account/Account.js" */
/** @import { What } from "./parts/room/Against.js" */
/** @import { Part } from "./roomparts.js" */
/** @import { OfficeApi, OfficePerson, OfficeRoom } from "./api/office.js" */
/** @import { Own } from "./api/own.js" */
/**
 * @typedef {{name: "newRoom" | "browse" | "direct" | "palette" | "shortcuts"} | {name: "editRoom" | "leaveRoom" | "notifyRoom" | "goTo", room: string}
 *   | {name: "viewer", room: string, id: string} | {name: "remove", entry: Entry} | {name: "report", entry: Entry} | {name: "link", address: string}
 *   | {name: "roomSettings", room: string, part: Part} | {name: "account", part: AccountPart}
 *   | {name: "officeRoom", info: OfficeRoom, onChange: () => void} | {name: "person", person: OfficePerson, onChange: () => void}
 *   | {name: "against", what: What, room: string, user: string, called: string}} Dialog
 * @typedef {{entry: Entry, what: "menu" | "emoji", beside: Element, inThread: boolean}} Acting   what is done to a message
 * @typedef {{id: string, name: string, role: string | null, beside: Element}} Met   role: in the open room, null for no member
 * @typedef {{name: string, token: string}} DemoUser
 * @typedef {{title: string, lead: string, go: string, cancel: string, act: (typed: string) => Promise<string>, field?: string}} Asking   field: what is to be typed, a secret
 */

const WIDE = "(min-width: 45rem)";

export class Page {
  /**
   * @param {object} given
   * @param {Driver} given.driver
   * @param {Keeping} given.keeping
   * @param {DemoUser[]} given.demo
   * @param {boolean} [given.guests]   whether one may come in with a name alone
   * @param {Window} given.window
   */
  constructor({ driver, keeping, demo, guests = false, window }) {
    this.driver = driver;
    this.client = driver.client;
    this.keeping = keeping;
    this.looks = new Looks(keeping.browser, window);
    this.demo = demo;
    this.guests = guests;
    this.window = window;
    this.wideness = window.matchMedia(WIDE);
    const http = new Http({ fetch: window.fetch });
    this.door = new Door({ driver, keeping, http, ways: new Ways(http), window, demo: demo.length > 0, onChange: () => this.changed() });
    this.http = http;
    this.knocking = new Knocking({ driver, http, onChange: () => this.changed() });
    // Two that come with the parts that ask by them, which the first view does not need.
    /** What asks of one's own account: set by «Your account». */
    this.own = /** @type {Own} */ (/** @type {unknown} */ (null));
    /** What asks as an admin: set by the office. */
    this.office = /** @type {OfficeApi} */ (/** @type {unknown} */ (null));
    this.going = new Going(this);
    this.reading = new Reading();
    this.order = new Order();
    /** @type {Dialog | null} */
    this.dialog = null;
    /** What is asked before it is done, above the dialog. @type {Asking | null} */
    this.asked = null;
    /** @type {Acting | null} */
    this.acting = null;
    /** What asks slash commands: set by the first «/». @type {Slash | null} */
    this.slash = null;
    /** Whom one may do something with, beside their name. @type {Met | null} */
    this.met = null;
    /** What came of something one did, where it is not seen otherwise. */
    this.told = "";
    this.toldWell = false;
    this.ignored = new Ignored(this);
    /** The long messages that are shown whole. @type {Set<string>} */
    this.unfolded = new Set();
    this.favicon = new Favicon(window);
    this.title = new Seldom(window, (title) => void (window.document.title = title), "");
    this.notices = new Notices(this);
    this.pushes = new Pushes(this);
    this.idleness = new Idleness(this);
    this.following = new Following(this);
    this.finding = new Finding(driver, () => this.changed());
    this.beside = new Beside({ window, finding: this.finding, onChange: () => this.act(null) });
    this.members = new Members(driver, () => this.changed());
    this.writing = new Writing(driver, keeping);
    /** What is about to be attached, once something is. @type {Trays | null} */
    this.trays = null;
    this.voice = new Voice({
      now: () => this.now,
      later: (what, ms) => void window.setTimeout(what, ms),
      onChange: () => this.onSoon(),
    });
    /** The user whose drafts are loaded. */
    this.of = "";
    /** Whether the server has a newer page. @type {Version | null} */
    this.version = null;
    this.onChange = () => {};
    /** The same for what nobody waits for. */
    this.onSoon = () => this.onChange();
    /** Whether all is drawn with the next frame. */
    this.drawsSoon = () => false;
  }

  get now() {
    return this.driver.now();
  }

  /** The rooms to list, in their order. @returns {RoomInfo[]} */
  get listed() {
    const all = [...(this.client.list?.values() ?? [])];
    const shown = all.filter((info) => !this.going.left.has(info.room));
    return this.order.of(shown);
  }

  /** The rooms that were closed in this tab; one is a member still. @returns {RoomInfo[]} */
  get closed() {
    return [...(this.client.list?.values() ?? [])].filter((info) => this.going.left.has(info.room));
  }

  get room() {
    return this.place.room === null ? undefined : this.client.rooms.get(this.place.room);
  }

  /** What the list says of *name*, or what can be said without it. @param {string} name */
  infoOf(name) {
    return this.client.list?.get(name) ?? null;
  }

  // ── coming in and going ──────────────────────────────────────────────────────────────

  /** Whether the house is shown, and not the card at the door. */
  get entered() {
    return this.door.entered && !this.door.busy;
  }

  signOut() {
    this.pushes.leave();
    this.door.leave();
    this.trays?.stop();
    const { of } = this;
    import("./attaching/drawer.js").then(({ Drawer }) => new Drawer(indexedDB, of).erase()).catch(() => {});
    this.writing.begin();
    this.finding.forget();
    this.members.forget();
    this.ignored.forget();
    this.told = "";
    this.going.left = new Set();
    this.of = "";
    this.dialog = null;
    this.asked = null;
    this.acting = null;
    this.goTo(null);
    this.changed();
  }

  /** Called after each change of the client. */
  follow() {
    this.following.follow();
  }

  /** What of the listed rooms is unread and not meant to be quiet: one that was left is not there to be read. */
  get unread() {
    return this.#loud.reduce((sum, info) => sum + this.client.unread.of(info.room), 0);
  }

  get mentions() {
    return this.#loud.reduce((sum, info) => sum + this.client.unread.mentionsOf(info.room), 0);
  }

  get #loud() {
    return this.listed.filter(({ notify }) => notify !== "none");
  }

  /** Whether rooms and log stand beside each other. */
  get wide() {
    return this.wideness.matches;
  }

  /** What the server's clock says, as far as it is known. */
  get serverNow() {
    return Date.now() + this.client.skewMs;
  }

  /** The place that the address names. */
  get place() {
    return this.going.place;
  }

  /** @param {string | null} room @param {number | null} [seq] */
  goTo(room, seq = null) {
    this.going.to(hashOf(room, seq), seq);
  }

  /** @param {string} part */
  goToOffice(part) {
    this.going.to(officeHash(part));
  }

  /** Join *room* and open it. @param {string} room */
  enter(room) {
    this.dialog = null;
    this.going.enter(room);
  }

  /** What stands beside the log where there is room, over it elsewhere. */
  get panel() {
    return this.beside.panel;
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

  /** What attaches files: fetched when it is first needed. */
  async attaching() {
    const { Trays } = await import("./attaching/trays.js");
    return (this.trays ??= new Trays(this));
  }

  // ── what is shown ────────────────────────────────────────────────────────────────────

  /** @param {Dialog | null} dialog */
  show(dialog) {
    this.dialog = dialog;
    this.acting = null;
    this.changed();
  }

  /** Ask before something that cannot be undone. @param {Asking | null} asked */
  ask(asked) {
    this.asked = asked;
    this.changed();
  }

  /** Do something to a message: a menu, or a choice of emoji, beside what was pressed. @param {Acting | null} acting */
  act(acting) {
    this.acting = acting;
    this.changed();
  }

  /** @param {Entry} entry */
  heard(entry) {
    if (entry.room === this.place.room && !this.ignored.has(entry.userId)) this.voice.heard(entry);
  }

  /** @param {Met | null} met */
  meet(met) {
    this.met = met;
    this.acting = null;
    this.changed();
  }

  /** Tell what came of something, until it is dismissed. @param {string} text @param {boolean} [well] it went as one wanted */
  say(text, well = false) {
    this.told = text;
    this.toldWell = well;
    this.changed();
  }

  changed() {
    this.onChange();
  }
}

/** The id of the field at *desk*. @param {Desk} desk */
export const composerOf = ({ thread }) => (thread === null ? "composer" : "thread-composer");
