/**
 * Signs of life of a server, as rules: when to ask for one, and when to stop believing.
 *
 * Browsers show no pings, so the client sends `heartbeat` events and any frame that comes
 * in is a sign. A timer that fires late (a laptop that slept, a hidden tab) says more about
 * us than about the server: then it is asked once more before it counts as dead.
 * All times are milliseconds of a clock that never jumps.
 */

import { asNumber, isData } from "./wire.js";

/** A tick this much after its time came from sleep or throttling. */
const LATE_MS = 2_000;
/** A server may ask for haste, not for a flood. */
const SHORTEST_MS = 250;
/** Browsers let a hidden tab's timers run once a minute: a hidden tab waits longer than that. */
export const HIDDEN_PATIENCE_MS = 75_000;

export class Pulse {
  /** @param {number} hiddenPatienceMs */
  constructor(hiddenPatienceMs) {
    this.hiddenPatienceMs = hiddenPatienceMs;
    this.visible = true;
    /** What `hello` said; these hold until it comes. */
    this.intervalMs = 30_000;
    this.timeoutMs = 10_000;
    /** @type {number | null} */
    this.roundTripMs = null;
    this.heardAt = 0;
    this.beatAt = Infinity;
    this.askedAt = 0;
    /** Set once a late tick asked: until when an answer must come. */
    this.probeUntil = Infinity;
  }

  get due() {
    return Math.min(this.beatAt, this.deadAt);
  }

  /** Until when something must be heard of a server that lives. */
  get deadAt() {
    const patience = this.intervalMs + this.timeoutMs;
    const most = this.visible ? patience : Math.max(patience, this.hiddenPatienceMs);
    return Math.min(this.heardAt + most, this.probeUntil);
  }

  /** @param {number} now */
  begin(now) {
    this.heard(now);
    this.beatAt = now + this.intervalMs;
  }

  end() {
    this.beatAt = Infinity;
    this.probeUntil = Infinity;
    this.askedAt = 0;
  }

  /** Take the times that the server says it keeps. @param {unknown} heartbeat */
  agree(heartbeat) {
    if (!isData(heartbeat)) return;
    this.intervalMs = Math.max(SHORTEST_MS, asNumber(heartbeat.interval_ms, this.intervalMs));
    this.timeoutMs = Math.max(SHORTEST_MS, asNumber(heartbeat.timeout_ms, this.timeoutMs));
  }

  /** Any frame came in. @param {number} now */
  heard(now) {
    this.heardAt = now;
    this.probeUntil = Infinity;
  }

  /** The answer to what was asked last came in. @param {number} now */
  answered(now) {
    if (this.askedAt > 0) this.roundTripMs = now - this.askedAt;
    this.askedAt = 0;
  }

  /**
   * What must be done now; the caller sends a heartbeat for «ask».
   *
   * @param {number} now
   * @returns {"ask" | "dead" | "wait"}
   */
  check(now) {
    if (now >= this.deadAt) {
      const late = now - this.deadAt > LATE_MS && this.probeUntil === Infinity;
      return late ? this.probe(now) : "dead";
    }
    return now >= this.beatAt ? this.#ask(now) : "wait";
  }

  /** Ask now, and give it the time an answer may take. @param {number} now */
  probe(now) {
    this.probeUntil = now + this.timeoutMs;
    // What was patience may be over: from here only the answer counts.
    this.heardAt = Math.max(this.heardAt, now - this.intervalMs);
    return this.#ask(now);
  }

  /** @param {number} now @returns {"ask"} */
  #ask(now) {
    this.askedAt = now;
    this.beatAt = now + this.intervalMs;
    return "ask";
  }
}
