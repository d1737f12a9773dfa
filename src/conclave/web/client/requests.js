/**
 * Requests that wait for their one answer, by the id they went out with.
 *
 * A request is answered exactly once: by the server, or as lost when the connection ends.
 * It does not send and does not repeat; what must be repeated is the outbox's.
 */

import { asNumber, asText } from "./wire.js";

/** @import { Data, Frame } from "./wire.js" */
/**
 * @typedef {{code: string, message: string, retryAfterMs: number | null}} Refusal
 * @typedef {{type: string, data: Data}} Answer
 * @typedef {(refusal: Refusal | null, answer: Answer | null) => void} Done
 */

/** @type {Refusal} */
export const LOST = { code: "connection_lost", message: "The connection broke", retryAfterMs: null };

/** @param {Data} data @returns {Refusal} */
export function refusalOf(data) {
  const after = asNumber(data.retry_after_ms, -1);
  return {
    code: asText(data.code, "internal"),
    message: asText(data.message),
    retryAfterMs: after >= 0 ? after : null,
  };
}

export class Requests {
  /** @param {() => string} makeId */
  constructor(makeId) {
    this.makeId = makeId;
    /** @type {Map<string, Done>} */
    this.waiting = new Map();
  }

  /** Note a request that is about to be sent; return its id. @param {Done} done */
  begin(done) {
    const id = this.makeId();
    this.waiting.set(id, done);
    return id;
  }

  /** Give a frame to the request it answers; false when there is none. @param {Frame} frame */
  answer(frame) {
    const done = frame.id === null ? undefined : this.waiting.get(frame.id);
    if (frame.id === null || done === undefined) return false;
    this.waiting.delete(frame.id);
    if (frame.type === "error") done(refusalOf(frame.data), null);
    else done(null, { type: frame.type, data: frame.data });
    return true;
  }

  /** The connection ended: nobody will answer. */
  lose() {
    const all = [...this.waiting.values()];
    this.waiting.clear();
    for (const done of all) done(LOST, null);
  }
}
