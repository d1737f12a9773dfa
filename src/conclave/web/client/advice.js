/** What the server said of an end that comes: how long to stay away at least, and whether it is a restart. */

import { asNumber } from "./wire.js";

/** It is of an end that comes soon: after this, and its own time, it is of no other. */
const HOLDS_MS = 5_000;

export class Advice {
  constructor() {
    this.ms = 0;
    this.until = -Infinity;
    this.restarting = false;
  }

  /** `reconnect` was told: the end comes after *afterMs*, each client its own. @param {unknown} afterMs @param {number} now */
  restart(afterMs, now) {
    this.#hold(afterMs, now, asNumber(afterMs, 0));
    this.restarting = true;
  }

  /** An error that answers nothing says when one may come again. @param {unknown} afterMs @param {number} now */
  rest(afterMs, now) {
    this.#hold(afterMs, now, 0);
  }

  /** The end came: how long to stay away, 0 for no advice. @param {number} now */
  taken(now) {
    const ms = now <= this.until ? this.ms : 0;
    this.until = -Infinity;
    this.restarting = false;
    return ms;
  }

  /** @param {unknown} afterMs @param {number} now @param {number} graceMs   how much later the end may come */
  #hold(afterMs, now, graceMs) {
    if (typeof afterMs !== "number" || !(afterMs >= 0)) return;
    this.ms = afterMs;
    this.until = now + graceMs + HOLDS_MS;
  }
}
