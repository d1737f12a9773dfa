/** What the page says for a moment: aloud, of what others write; and in a line, of what was done. */

/** @import { Announcer } from "./announcer.js" */
/** @import { Entry } from "../client/wire.js" */

/** A notice stays this long. */
const NOTICE_MS = 4_000;

export class Voice {
  /** @param {{now: () => number, later: (what: () => void, ms: number) => void, onChange: () => void}} given */
  constructor({ now, later, onChange }) {
    this.now = now;
    this.later = later;
    this.onChange = onChange;
    /** What a screen reader is told: set by the house, where it hears it. @type {Announcer | null} */
    this.announcer = null;
    /** What was said aloud last. */
    this.said = "";
    /** How often something was. */
    this.times = 0;
    /** Whether something is to be said later. */
    this.waits = false;
    /** Something done that is said for a moment. */
    this.notice = "";
  }

  /** Say for a moment what was done. @param {string} text */
  tell(text) {
    this.notice = text;
    this.onChange();
    this.later(() => {
      if (this.notice !== text) return;
      this.notice = "";
      this.onChange();
    }, NOTICE_MS);
  }

  /** Somebody's message came into the open room. @param {Entry} entry */
  heard(entry) {
    this.announcer?.heard(entry);
    this.#speak();
  }

  /** Another room is open: what waited was of the last one. */
  turn() {
    this.announcer?.forget();
  }

  /** Say what is due, and come back for the rest. */
  #speak() {
    if (this.announcer === null) return;
    const said = this.announcer.say(this.now());
    if (said !== null) {
      this.said = said;
      this.times += 1;
      this.onChange();
    }
    const wait = this.announcer.due - this.now();
    if (this.waits || !Number.isFinite(wait)) return;
    this.waits = true;
    this.later(() => {
      this.waits = false;
      this.#speak();
    }, Math.max(wait, 0));
  }
}
