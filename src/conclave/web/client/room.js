/**
 * One room as this client is in it: its log, other parts of the log that are open, its
 * people, its notices, and how far joining has come. It holds state and says what is due;
 * others ask for it.
 */

import { Excerpt } from "./excerpt.js";
import { People } from "./people.js";
import { Quotes } from "./quotes.js";
import { RoomLog } from "./roomlog.js";

/** @import { Question } from "./excerpt.js" */
/** @import { Entry, Notice } from "./wire.js" */
/**
 * @typedef {"away" | "joining" | "attached" | "refused"} Standing
 *   away: to be joined as soon as there is a connection
 * @typedef {Notice & {after: number, key: string}} Heard   a notice, and the number it came after
 */

const MOST_NOTICES = 200;
/** Readers' marks are told of small rooms only; a server that lies is not believed. */
const MOST_READERS = 1_000;

export class Room {
  /** @param {string} name @param {() => string} [me]   one's own user id */
  constructor(name, me = () => "") {
    this.name = name;
    this.me = me;
    this.log = this.#newLog();
    this.people = new People();
    /** Open beside the log. @type {Excerpt | null} */
    this.thread = null;
    /** @type {Excerpt | null} */
    this.pinned = null;
    /** Open in place of the log. @type {Excerpt | null} */
    this.around = null;
    this.quotes = new Quotes(me);
    /** User id → how far they have read. @type {Map<string, number>} */
    this.readers = new Map();
    /** @type {Standing} */
    this.standing = "away";
    /** Why joining was refused. @type {string | null} */
    this.refusal = null;
    /** @type {Heard[]} */
    this.notices = [];
    this.heardNotices = 0;
    /** A page was refused for now: when to allow asking again. */
    this.readAfter = Infinity;
    /** Joining was refused for now: when to try again. */
    this.joinAfter = Infinity;
    this.joinTries = 0;
    /** How often it was joined: an answer to another time is none. */
    this.joins = 0;
    /** Pages of missed entries since the last join began: after a few, beginning anew is kinder. */
    this.pages = 0;
    /** A gap was seen and asked about at this number: asking twice would not help. */
    this.askedAt = -1;
  }

  #newLog() {
    const log = new RoomLog(this.name, this.me);
    log.onPart = (lines, reader) => {
      if (this.around === null) this.around = Excerpt.of(lines, reader, log, this.me);
    };
    return log;
  }

  get attached() {
    return this.standing === "attached";
  }

  /** Whether a page may be asked for now. */
  get mayRead() {
    return this.attached && this.readAfter === Infinity;
  }

  /** Whether asking for the page before the first line would bring anything now. */
  get mayReadOlder() {
    const { olderLeft, reading } = this.around ?? this.log;
    return this.mayRead && olderLeft && !reading;
  }

  /** The same for the page after the last line of what is open in place of the log. */
  get mayReadNewer() {
    return this.mayRead && this.around !== null && this.around.newerLeft && !this.around.reading;
  }

  /** The parts that are open. @returns {Excerpt[]} */
  get excerpts() {
    return [this.thread, this.pinned, this.around].filter((one) => one !== null);
  }

  /** When something here has been waited for long enough. */
  get due() {
    return Math.min(this.people.due, this.readAfter, this.joinAfter);
  }

  /** @param {Question} question */
  excerpt(question) {
    return new Excerpt(question, this.me);
  }

  /** The line *seq*, wherever it is known. @param {number} seq @returns {Entry | null} */
  line(seq) {
    const found = [this.log.line(seq), ...this.excerpts.map((part) => part.line(seq))];
    return found.find((line) => line !== null) ?? this.quotes.line(seq);
  }

  /** The log has taken *entry*: so do the other parts. @param {Entry} entry */
  took(entry) {
    this.quotes.take(entry);
    for (const part of this.excerpts) part.take(entry, this.line(entry.target ?? 0));
  }

  /** The log was begun anew: what else is open is of another time. */
  began() {
    this.quotes.clear();
    for (const part of this.excerpts) part.stale = true;
  }

  /** @param {string} user @param {number} seq */
  readBy(user, seq) {
    if (this.readers.size >= MOST_READERS && !this.readers.has(user)) return;
    this.readers.set(user, Math.max(seq, this.readers.get(user) ?? 0));
  }

  /** @param {Notice} notice */
  noticed(notice) {
    this.people.noticed(notice);
    this.heardNotices += 1;
    const heard = { ...notice, after: this.log.upto, key: `n${this.heardNotices}` };
    this.notices = [...this.notices.slice(-MOST_NOTICES), heard];
  }

  /** One may no longer read it: nothing of it stays here. */
  forget() {
    this.log = this.#newLog();
    this.notices = [];
    this.thread = null;
    this.pinned = null;
    this.around = null;
    this.quotes.clear();
  }

  /** The connection ended: what is known stays shown, and will be joined again. */
  lose() {
    if (this.standing !== "refused") this.standing = "away";
    this.people.lose();
    this.readAfter = Infinity;
    this.joinAfter = Infinity;
    this.joinTries = 0;
    this.pages = 0;
    this.askedAt = -1;
  }
}
