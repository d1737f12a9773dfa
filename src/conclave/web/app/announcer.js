/**
 * What a screen reader is told of a room as it goes on: each of the others' messages, but
 * at most one announcement a second; what came meanwhile is told as a number.
 */

import { plainOf } from "./plain.js";
import { words } from "./words.js";

const EVERY_MS = 1_000;
/** A long text is announced by its beginning. */
const MOST_CHARS = 300;

export class Announcer {
  constructor() {
    this.saidAt = -Infinity;
    /** @type {{user: string, text: string}[]} */
    this.waiting = [];
  }

  /** @param {{user: string, text: string}} message */
  heard(message) {
    this.waiting.push(message);
  }

  /** When something may be said; Infinity when there is nothing. */
  get due() {
    return this.waiting.length === 0 ? Infinity : this.saidAt + EVERY_MS;
  }

  /** What to say now, or null. @param {number} now */
  say(now) {
    const [first] = this.waiting;
    if (first === undefined || now < this.due) return null;
    const several = this.waiting.length;
    this.waiting = [];
    this.saidAt = now;
    if (several > 1) return words.announced.several(several);
    return words.announced.message(first.user, [...plainOf(first.text)].slice(0, MOST_CHARS).join(""));
  }

  /** Another room is open: what waited was of the last one. */
  forget() {
    this.waiting = [];
  }
}
