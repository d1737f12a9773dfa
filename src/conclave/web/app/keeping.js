/**
 * What the page keeps in the browser, and where. The token lives in the tab and nowhere
 * else; so do drafts and what is not sent yet,
 * with whose they are. Only how far rooms were read outlives the tab: it is no secret.
 *
 * Storage can be full, forbidden or changed by hand: each read has a default, no write fails.
 */

import { isData } from "../client/wire.js";

/** @import { Kept } from "../client/outbox.js" */
/** @typedef {{getItem(key: string): string | null, setItem(key: string, value: string): void, removeItem(key: string): void}} Shelf */

const TOKEN = "conclave.token";
const DRAFTS = "conclave.drafts";
const LEFT = "conclave.left";
const PENDING = "conclave.pending";
const OWNER = "conclave.owner";
const READ = "conclave.read.";

export class Keeping {
  /** @param {Shelf} tab @param {Shelf} browser */
  constructor(tab, browser) {
    this.tab = tab;
    this.browser = browser;
  }

  get token() {
    return get(this.tab, TOKEN) ?? "";
  }

  set token(token) {
    set(this.tab, TOKEN, token === "" ? null : token);
  }

  /** Room → text not sent yet. @returns {Map<string, string>} */
  get drafts() {
    return mapOf(get(this.tab, DRAFTS), (value) => typeof value === "string");
  }

  set drafts(drafts) {
    set(this.tab, DRAFTS, drafts.size === 0 ? null : JSON.stringify([...drafts]));
  }

  /** Rooms that were left in this tab: membership goes on, but they need not be shown. */
  get left() {
    return new Set(mapOf(get(this.tab, LEFT), (value) => value === true).keys());
  }

  set left(left) {
    const pairs = [...left].map((room) => [room, true]);
    set(this.tab, LEFT, pairs.length === 0 ? null : JSON.stringify(pairs));
  }

  /** The user id whose drafts, left rooms and unsent messages these are. */
  get owner() {
    return get(this.tab, OWNER) ?? "";
  }

  /** Somebody else's things are not theirs to see: they go. @param {string} user @returns {boolean} whether they went */
  belongTo(user) {
    if (this.owner === user) return false;
    for (const key of [DRAFTS, LEFT, PENDING]) set(this.tab, key, null);
    set(this.tab, OWNER, user);
    return true;
  }

  /** Messages written and not known to be stored. @returns {Kept[]} */
  get pending() {
    return listOf(get(this.tab, PENDING)).filter(isKept);
  }

  set pending(pending) {
    set(this.tab, PENDING, pending.length === 0 ? null : JSON.stringify(pending));
  }

  /** Room → last number read by *user*. @param {string} user @returns {Map<string, number>} */
  marks(user) {
    return mapOf(get(this.browser, READ + user), (value) => Number.isSafeInteger(value));
  }

  /** @param {string} user @param {Map<string, number>} marks */
  keepMarks(user, marks) {
    set(this.browser, READ + user, JSON.stringify([...marks]));
  }

  /** Signed out: nothing of one's own stays in the tab. */
  forget() {
    for (const key of [TOKEN, DRAFTS, LEFT, PENDING, OWNER]) set(this.tab, key, null);
  }
}

/** @param {Shelf} shelf @param {string} key */
function get(shelf, key) {
  try {
    return shelf.getItem(key);
  } catch {
    return null;
  }
}

/** @param {Shelf} shelf @param {string} key @param {string | null} value */
function set(shelf, key, value) {
  try {
    if (value === null) shelf.removeItem(key);
    else shelf.setItem(key, value);
  } catch {
    // Full or forbidden: the page works without.
  }
}

/** @param {string | null} text @returns {unknown[]} */
function listOf(text) {
  try {
    const list = JSON.parse(text ?? "[]");
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}

/** @param {unknown} value @returns {value is Kept} */
function isKept(value) {
  if (!isData(value)) return false;
  const { id, room, text, at } = value;
  return [id, room, text].every((part) => typeof part === "string") && Number.isSafeInteger(at);
}

/**
 * @template T
 * @param {string | null} text @param {(value: unknown) => boolean} fits
 * @returns {Map<string, T>}
 */
function mapOf(text, fits) {
  const pairs = listOf(text).filter((pair) => Array.isArray(pair) && typeof pair[0] === "string" && fits(pair[1]));
  return new Map(/** @type {[string, T][]} */ (pairs));
}
