/**
 * One room as this client is in it: its log, its people, its notices, and how far joining
 * has come. It holds state and says what is due; `client.js` sends.
 */

import { People } from "./people.js";
import { RoomLog } from "./roomlog.js";

/** @import { Notice } from "./wire.js" */
/**
 * @typedef {"away" | "joining" | "attached" | "refused"} Standing
 *   away: to be joined as soon as there is a connection
 * @typedef {Notice & {after: number, key: string}} Heard   a notice, and the number it came after
 */

const MOST_NOTICES = 200;

export class Room {
  /** @param {string} name */
  constructor(name) {
    this.name = name;
    this.log = new RoomLog(name);
    this.people = new People();
    /** @type {Standing} */
    this.standing = "away";
    /** Why joining was refused. @type {string | null} */
    this.refusal = null;
    /** @type {Heard[]} */
    this.notices = [];
    this.heardNotices = 0;
    this.readingOlder = false;
    /** A page before was refused for now: when to allow asking again. */
    this.olderAfter = Infinity;
    /** Joining was refused for now: when to try again. */
    this.joinAfter = Infinity;
    this.joinTries = 0;
    /** Pages of missed entries since the last join began: after a few, beginning anew is kinder. */
    this.pages = 0;
    /** A gap was seen and asked about at this number: asking twice would not help. */
    this.askedAt = -1;
  }

  get attached() {
    return this.standing === "attached";
  }

  /** Whether asking for the page before the first line would bring anything now. */
  get mayReadOlder() {
    return this.attached && this.log.olderLeft && !this.readingOlder && this.olderAfter === Infinity;
  }

  /** When something here has been waited for long enough. */
  get due() {
    return Math.min(this.people.due, this.olderAfter, this.joinAfter);
  }

  /** @param {Notice} notice */
  noticed(notice) {
    this.people.noticed(notice);
    this.heardNotices += 1;
    const heard = { ...notice, after: this.log.upto, key: `n${this.heardNotices}` };
    this.notices = [...this.notices.slice(-MOST_NOTICES), heard];
  }

  /** The connection ended: what is known stays shown, and will be joined again. */
  lose() {
    if (this.standing !== "refused") this.standing = "away";
    this.people.lose();
    this.readingOlder = false;
    this.olderAfter = Infinity;
    this.joinAfter = Infinity;
    this.joinTries = 0;
    this.pages = 0;
    this.askedAt = -1;
  }
}
