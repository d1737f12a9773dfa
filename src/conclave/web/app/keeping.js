/**
 * What the page keeps in its tab and nowhere else: the token, drafts, rooms that were left,
 * and whose all that is; and for all tabs who the browser is signed in as, which is no
 * secret: the session itself is in a cookie that no script sees. What was written and not sent, and what was read, is the client's
 * to keep (client/chest.js).
 *
 * Storage can be full, forbidden or changed by hand: each read has a default, no write fails.
 */

import { MOST_RECENT } from "./palette.js";

/** @typedef {{getItem(key: string): string | null, setItem(key: string, value: string): void, removeItem(key: string): void}} Shelf */

const TOKEN = "conclave.token";
const DRAFTS = "conclave.drafts";
const FILES = "conclave.files";
const LEFT = "conclave.left";
const RECENT = "conclave.recent";
const EMOJI = "conclave.emoji";
const TONES = [0, 1, 2, 3, 4, 5];
const MOST_EMOJI = 24;
const PAUSED = "conclave.paused";
const OWNER = "conclave.owner";
const SESSION = "conclave.session";
const WISHES = "conclave.wishes.";
const LEAVING = "conclave.leaving";

export class Keeping {
  /** @param {Shelf} tab @param {Shelf} [browser]   of all tabs */
  constructor(tab, browser = tab) {
    this.tab = tab;
    this.browser = browser;
  }

  get token() {
    return get(this.tab, TOKEN) ?? "";
  }

  set token(token) {
    set(this.tab, TOKEN, token === "" ? null : token);
  }

  /** The id of whom the browser was signed in as last, "" if nobody. */
  get session() {
    return get(this.browser, SESSION) ?? "";
  }

  set session(user) {
    set(this.browser, SESSION, user === "" ? null : user);
  }

  /** Whether somebody signed out of the browser's session and the server could not be told. */
  get leaving() {
    return get(this.browser, LEAVING) !== null;
  }

  set leaving(leaving) {
    set(this.browser, LEAVING, leaving ? "yes" : null);
  }

  /** What *user* wants of this browser, by name; it is of all tabs. @param {string} user @returns {Map<string, unknown>} */
  wishesOf(user) {
    return mapOf(get(this.browser, WISHES + user), () => true);
  }

  /** @param {string} user @param {Map<string, unknown>} wishes */
  wish(user, wishes) {
    set(this.browser, WISHES + user, wishes.size === 0 ? null : JSON.stringify([...wishes]));
  }

  /** Room → text not sent yet. @returns {Map<string, string>} */
  get drafts() {
    return mapOf(get(this.tab, DRAFTS), (value) => typeof value === "string");
  }

  set drafts(drafts) {
    set(this.tab, DRAFTS, drafts.size === 0 ? null : JSON.stringify([...drafts]));
  }

  /** What is about to be attached; the files themselves are elsewhere. @returns {unknown} undefined: nothing */
  get files() {
    return listOf(get(this.tab, FILES))[0];
  }

  set files(files) {
    set(this.tab, FILES, files === null ? null : JSON.stringify([files]));
  }

  /** Rooms that were left in this tab: membership goes on, but they need not be shown. */
  get left() {
    return new Set(mapOf(get(this.tab, LEFT), (value) => value === true).keys());
  }

  set left(left) {
    const pairs = [...left].map((room) => [room, true]);
    set(this.tab, LEFT, pairs.length === 0 ? null : JSON.stringify(pairs));
  }

  /** Whether the graphs of the office hold still in this browser. */
  get paused() {
    return get(this.browser, PAUSED) !== null;
  }

  set paused(paused) {
    set(this.browser, PAUSED, paused ? "yes" : null);
  }

  /** What was chosen in the palette, the last first. @returns {string[]} */
  get recent() {
    return /** @type {string[]} */ (listOf(get(this.tab, RECENT)).filter((key) => typeof key === "string")).slice(0, MOST_RECENT);
  }

  set recent(recent) {
    set(this.tab, RECENT, JSON.stringify(recent));
  }

  /** The emoji that were chosen last, the last first, and the skin tone they come in. */
  get emoji() {
    const [tone, ...recent] = listOf(get(this.browser, EMOJI));
    return {
      tone: typeof tone === "number" && TONES.includes(tone) ? tone : 0,
      recent: /** @type {string[]} */ (recent.filter((one) => typeof one === "string" && one.length <= 64)).slice(0, MOST_EMOJI),
    };
  }

  set emoji({ tone, recent }) {
    set(this.browser, EMOJI, JSON.stringify([tone, ...recent.slice(0, MOST_EMOJI)]));
  }

  /** The user id whose drafts, left rooms and unsent messages these are. */
  get owner() {
    return get(this.tab, OWNER) ?? "";
  }

  /** Somebody else's things are not theirs to see: they go. @param {string} user @returns {boolean} whether they went */
  belongTo(user) {
    if (this.owner === user) return false;
    for (const key of [DRAFTS, FILES, LEFT, RECENT]) set(this.tab, key, null);
    set(this.tab, OWNER, user);
    return true;
  }

  /** Signed out: nothing of one's own stays in the tab, nor what one likes to say. */
  forget() {
    for (const key of [TOKEN, DRAFTS, FILES, LEFT, RECENT, OWNER]) set(this.tab, key, null);
    set(this.browser, EMOJI, null);
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

/**
 * @template T
 * @param {string | null} text @param {(value: unknown) => boolean} fits
 * @returns {Map<string, T>}
 */
function mapOf(text, fits) {
  const pairs = listOf(text).filter((pair) => Array.isArray(pair) && typeof pair[0] === "string" && fits(pair[1]));
  return new Map(/** @type {[string, T][]} */ (pairs));
}
