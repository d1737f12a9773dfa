/**
 * What the browser shows and sounds of messages one wants to be notified of.
 *
 * The server says which those are. Here it is decided whether to show them now: not what is
 * in sight or read meanwhile on any device, once in all tabs, and nothing that nobody has
 * asked for. Each room has one notification, which goes when the room is read.
 */

import { Leading } from "./leading.js";
import { Wishes } from "./wishes.js";
import { words } from "./words.js";

/** @import { Page } from "./page.js" */
/** @import { Told } from "../client/infos.js" */
/** @typedef {"unable" | "default" | "denied" | "granted"} Permission   unable: the browser knows no notifications here */
/** @typedef {{seq: number, close: () => void}} Shown */

/** Who reads it on another device has told the server by then. */
const GRACE_MS = 1_500;
/** A sound is heard at most so often. */
const SILENT_MS = 2_000;
const MOST_CHARS = 200;
/** Rooms that are waited for at once; what is more is only unread. */
const MOST_WAITING = 50;

/** Fetched by those who want it; a sound that does not come is silence. */
const sounds = () => void import("./chime.js").then(({ chime }) => chime()).catch(() => {});

export class Notices {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    this.wishes = new Wishes(page.keeping, () => page.of);
    this.leading = new Leading(page.window.navigator.locks);
    /** Room → what is to be shown of it soon. @type {Map<string, Told>} */
    this.waiting = new Map();
    /** Room → its notification. @type {Map<string, Shown>} */
    this.shown = new Map();
    this.soundedAt = -Infinity;
    page.client.noticed = (told) => this.told(told);
  }

  /** What the browser lets the page show. @returns {Permission} */
  get permission() {
    return typeof Notification === "undefined" ? "unable" : Notification.permission;
  }

  /** Whether notifications are shown in this browser. */
  get on() {
    return this.permission === "granted" && this.wishes.shown;
  }

  /** Show notifications from now on; the browser asks, which is why only a press of one's own calls this. */
  async turnOn() {
    if (this.permission === "unable") return;
    const permission = this.permission === "default" ? await Notification.requestPermission() : this.permission;
    this.wishes.shown = permission === "granted";
    this.page.changed();
  }

  turnOff() {
    this.wishes.shown = false;
    this.#closeAll();
    this.page.changed();
  }

  /** @param {boolean} sound */
  setSound(sound) {
    this.wishes.sound = sound;
    if (sound) sounds();
    this.page.changed();
  }

  /** One wants to be notified of a message: soon, unless it is read by then. @param {Told} told */
  told(told) {
    if (!this.#wanted(told)) return;
    const waits = this.waiting.has(told.room);
    if (!waits && this.waiting.size >= MOST_WAITING) return;
    this.waiting.set(told.room, told);
    if (!waits) this.page.window.setTimeout(() => this.#due(told.room), GRACE_MS);
  }

  /** Called after each change: whose tab is it, and what was read meanwhile? */
  follow() {
    const { page } = this;
    this.leading.follow(page.entered ? page.of : "");
    if (!page.entered) this.#closeAll();
    for (const [room, { seq, close }] of this.shown) {
      if (!this.#isRead(room, seq)) continue;
      this.shown.delete(room);
      close();
    }
  }

  /** @param {string} room */
  #due(room) {
    const told = this.waiting.get(room);
    this.waiting.delete(room);
    if (told === undefined || !this.leading.leads || !this.#wanted(told)) return;
    if (this.on) void this.#show(told);
    if (this.wishes.sound) this.#sound();
  }

  /** @param {Told} told */
  #wanted({ room, seq, userId }) {
    const { client, ignored } = this.page;
    return client.reading !== room && client.status !== "dnd" && !ignored.has(userId) && !this.#isRead(room, seq);
  }

  /** @param {string} room @param {number} seq */
  #isRead(room, seq) {
    return (this.page.client.unread.markOf(room) ?? 0) >= seq;
  }

  /** @param {Told} told */
  async #show(told) {
    const { room, seq, user, text, mention } = told;
    const plain = await plainly(text);
    // It may have been read meanwhile.
    if (!this.page.entered || !this.#wanted(told)) return;
    const info = this.page.infoOf(room);
    const title = info?.kind === "direct" ? user : words.notices.title(user, info?.title ?? room, mention);
    const body = [...plain].slice(0, MOST_CHARS).join("");
    const options = { body, tag: `conclave ${this.page.of} ${room}`, icon: this.page.favicon.plain, silent: true };
    const shown = notification(title, options);
    if (shown === null) return;
    shown.onclick = () => this.#open(room, seq);
    this.shown.set(room, { seq, close: () => shown.close() });
  }

  /** @param {string} room @param {number} seq */
  #open(room, seq) {
    this.page.window.focus();
    this.shown.get(room)?.close();
    this.shown.delete(room);
    this.page.dialog = null;
    this.page.goTo(room, seq);
  }

  #sound() {
    if (this.page.now - this.soundedAt < SILENT_MS) return;
    this.soundedAt = this.page.now;
    sounds();
  }

  #closeAll() {
    for (const { close } of this.shown.values()) close();
    this.shown.clear();
    this.waiting.clear();
  }
}

/** Some browsers show none but by a worker. @param {string} title @param {NotificationOptions} options */
function notification(title, options) {
  try {
    return new Notification(title, options);
  } catch {
    return null;
  }
}

/** *text* in plain words, whose finder is loaded with the log; as it is where that cannot be had. @param {string} text */
async function plainly(text) {
  try {
    return (await import("./plain.js")).plainOf(text);
  } catch {
    return text;
  }
}
