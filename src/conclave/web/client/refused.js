/** A request was refused, or its connection broke before the answer: `code` says which. */

/** @import { Refusal } from "./requests.js" */

export class Refused extends Error {
  /** @param {Refusal} refusal */
  constructor({ code, message, retryAfterMs }) {
    super(message);
    this.name = "Refused";
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}
