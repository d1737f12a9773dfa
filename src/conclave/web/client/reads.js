/**
 * Telling the server how far was read: the newest number of a room, at most once a second,
 * and again until it is answered, also after a broken connection. Marks only move forward.
 */

import { waitAtLeast } from "./backoff.js";
import { RETRYABLE } from "./codes.js";
import { LOST } from "./requests.js";

/** @import { Done, Refusal } from "./requests.js" */
/**
 * @typedef {object} Mark
 * @property {number} wanted     what was read here
 * @property {number} told       what the server knows
 * @property {number} asking     what it is being told; 0 when nothing is under way
 * @property {number} notBefore
 * @property {number} tries
 */

const AGAIN_AFTER_MS = 1_000;

export class Reads {
  /**
   * @param {object} around
   * @param {(type: string, data: object, done: Done) => void} around.ask
   * @param {() => boolean} around.ready
   * @param {() => number} around.now
   * @param {() => number} around.random
   * @param {(room: string) => void} onTold   the server knows a mark now
   */
  constructor(around, onTold) {
    this.around = around;
    this.onTold = onTold;
    /** @type {Map<string, Mark>} */
    this.marks = new Map();
    /** A server that does not know of marks is not told again on this connection. */
    this.deaf = false;
  }

  get due() {
    let due = Infinity;
    for (const mark of this.marks.values()) if (isLeft(mark)) due = Math.min(due, mark.notBefore);
    return this.deaf ? Infinity : due;
  }

  /** *room* was read up to *seq* here. @param {string} room @param {number} seq */
  read(room, seq) {
    const mark = this.#of(room);
    mark.wanted = Math.max(mark.wanted, seq);
  }

  /** The server knows that *room* was read up to *seq*. @param {string} room @param {number} seq */
  known(room, seq) {
    const mark = this.#of(room);
    mark.told = Math.max(mark.told, seq);
  }

  /** Tell what is due. @param {number} now */
  tell(now) {
    if (!this.around.ready() || this.deaf) return;
    for (const [room, mark] of this.marks) {
      if (isLeft(mark) && mark.notBefore <= now) this.#tell(room, mark, now);
    }
  }

  /** The connection ended: what was not answered is told again. */
  lose() {
    this.deaf = false;
    for (const mark of this.marks.values()) Object.assign(mark, { asking: 0, notBefore: 0, tries: 0 });
  }

  /** @param {string} room */
  forget(room) {
    this.marks.delete(room);
  }

  clear() {
    this.marks.clear();
  }

  /** @param {string} room @param {Mark} mark @param {number} now */
  #tell(room, mark, now) {
    const seq = mark.wanted;
    mark.asking = seq;
    mark.notBefore = now + AGAIN_AFTER_MS;
    this.around.ask("read", { room, seq }, (refusal) => {
      mark.asking = 0;
      if (refusal === null) {
        Object.assign(mark, { told: Math.max(mark.told, seq), tries: 0 });
        this.onTold(room);
      } else if (refusal !== LOST) this.#refused(mark, seq, refusal);
    });
  }

  /** @param {Mark} mark @param {number} seq @param {Refusal} refusal */
  #refused(mark, seq, refusal) {
    if (refusal.code === "unknown_type") this.deaf = true;
    else if (!RETRYABLE.has(refusal.code)) mark.told = Math.max(mark.told, seq);
    const wait = waitAtLeast(mark.tries, refusal.retryAfterMs ?? 0, this.around.random);
    mark.tries += 1;
    mark.notBefore = this.around.now() + AGAIN_AFTER_MS + wait;
  }

  /** @param {string} room @returns {Mark} */
  #of(room) {
    const mark = this.marks.get(room) ?? { wanted: 0, told: 0, asking: 0, notBefore: 0, tries: 0 };
    this.marks.set(room, mark);
    return mark;
  }
}

/** @param {Mark} mark */
function isLeft({ wanted, told, asking }) {
  return asking === 0 && wanted > told;
}
