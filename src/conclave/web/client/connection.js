/**
 * The life of a client's connection, as rules: connecting, proving who one is, staying
 * alive, coming back. It has no socket, timer or clock: a shell tells what happened and
 * when, does what `take` returns, and calls `tick` when `due` has come.
 *
 * All times are milliseconds of a clock that never jumps. It does not know of rooms.
 */

import { waitBefore } from "./backoff.js";
import { CLOSE, mayComeBack, RETRYABLE } from "./codes.js";
import { asNumber, asSeq, asText, encode, isData } from "./wire.js";

/** @import { Frame, Data } from "./wire.js" */

/**
 * @typedef {{do: "open", generation: number}
 *   | {do: "send", text: string}
 *   | {do: "close", code: number, reason: string}} Effect
 * @typedef {{name: "idle"}
 *   | {name: "connecting", since: number}
 *   | {name: "authenticating", since: number}
 *   | {name: "ready", since: number}
 *   | {name: "waiting", until: number, why: "lost" | "restarting"}
 *   | {name: "offline", until: number}
 *   | {name: "stopped", why: "auth_failed" | "token_expired" | "closed"}} State
 * @typedef {{code: number, reason: string}} LastClose
 */

/** A browser shows no progress of an upgrade: after this it is as good as refused. */
const OPEN_WITHIN_MS = 10_000;
/** Longer than any server's own deadline, which is 10 s by default. */
const AUTH_WITHIN_MS = 15_000;
/** A connection that held this long was a good one: the next wait begins at the shortest. */
const SETTLED_AFTER_MS = 5_000;
/** A tick this much after its time says more about us (sleep, throttling) than of the server. */
const LATE_MS = 2_000;
/** No advice of a server makes anybody wait longer. */
const LONGEST_ADVICE_MS = 600_000;
/** Browsers let a hidden tab's timers run once a minute: a hidden tab waits longer than that. */
export const HIDDEN_PATIENCE_MS = 75_000;

export class Connection {
  /** @param {{random: () => number, wall: () => number, hiddenPatienceMs?: number}} given */
  constructor({ random, wall, hiddenPatienceMs = HIDDEN_PATIENCE_MS }) {
    this.random = random;
    this.wall = wall;
    this.hiddenPatienceMs = hiddenPatienceMs;
    /** @type {State} */
    this.state = { name: "idle" };
    /** Which socket is ours: what an older one still says is not heard. */
    this.generation = 0;
    this.attempt = 0;
    this.token = "";
    this.online = true;
    this.visible = true;
    /** What `hello` said; the defaults hold until it comes. */
    this.intervalMs = 30_000;
    this.timeoutMs = 10_000;
    /** @type {number | null} */
    this.roundTripMs = null;
    /** @type {LastClose | null} */
    this.lastClose = null;
    /** When the server said to come back, for the next end only. @type {number | null} */
    this.adviceMs = null;
    this.restarting = false;
    this.heardAt = 0;
    this.beatAt = Infinity;
    this.beatSentAt = 0;
    /** Set once a late tick asked for a sign of life: until when one must come. */
    this.probeUntil = Infinity;
    /** @type {Effect[]} */
    this.effects = [];
  }

  /** The moment `tick` must be called at the latest; Infinity when nothing is due. */
  get due() {
    switch (this.state.name) {
      case "connecting":
        return this.state.since + OPEN_WITHIN_MS;
      case "authenticating":
        return this.state.since + AUTH_WITHIN_MS;
      case "ready":
        return Math.min(this.beatAt, this.deadAt);
      case "waiting":
      case "offline":
        return this.state.until;
      default:
        return Infinity;
    }
  }

  /** Until when something must be heard of a server that lives. */
  get deadAt() {
    const patience = this.intervalMs + this.timeoutMs;
    const most = this.visible ? patience : Math.max(patience, this.hiddenPatienceMs);
    return Math.min(this.heardAt + most, this.probeUntil);
  }

  get ready() {
    return this.state.name === "ready";
  }

  /** What the shell must do now, in this order. */
  take() {
    const effects = this.effects;
    this.effects = [];
    return effects;
  }

  /** @param {string} token @param {number} now */
  start(token, now) {
    if (this.state.name !== "idle" && this.state.name !== "stopped") this.stop();
    this.token = token;
    this.attempt = 0;
    this.#open(now);
  }

  /** Close for good and forget the token. */
  stop() {
    this.#leave(CLOSE.NORMAL, "");
    this.token = "";
    this.state = { name: "idle" };
  }

  /** Try now instead of waiting; nothing when there is nothing to wait for. @param {number} now */
  hurry(now) {
    if (this.state.name === "waiting" || this.state.name === "offline") this.#open(now);
  }

  /**
   * What the browser believes of the network. It is believed when it says «back»; when it
   * says «gone», a connection that still works goes on.
   *
   * @param {boolean} online @param {number} now
   */
  network(online, now) {
    this.online = online;
    if (online) this.hurry(now);
    else if (this.state.name === "waiting") this.state = { name: "offline", until: this.state.until };
    else if (this.ready) this.#probe(now);
  }

  /** @param {boolean} visible @param {number} now */
  seen(visible, now) {
    this.visible = visible;
    // Back from a long time hidden: what was patience there may be overdue here. Ask first.
    if (visible && this.ready && now >= this.deadAt) this.#probe(now);
  }

  /** @param {number} generation @param {number} now */
  opened(generation, now) {
    if (generation !== this.generation || this.state.name !== "connecting") return;
    this.state = { name: "authenticating", since: now };
    this.heardAt = now;
    this.#send("auth", { token: this.token });
  }

  /**
   * Take one frame; return whether it is of the living connection and so to be passed on.
   *
   * @param {number} generation @param {Frame | null} frame @param {number} now
   */
  received(generation, frame, now) {
    if (generation !== this.generation) return false;
    this.heardAt = now;
    this.probeUntil = Infinity;
    if (frame === null) return false;
    switch (frame.type) {
      case "hello":
        this.#hello(frame.data, now);
        break;
      case "auth:response":
        this.#answered(frame.data, now);
        break;
      case "heartbeat":
        if (this.beatSentAt > 0) this.roundTripMs = now - this.beatSentAt;
        this.beatSentAt = 0;
        break;
      case "reconnect":
        this.#advise(frame.data.after_ms);
        this.restarting = true;
        break;
      case "error":
        if (frame.id === null) this.#advise(frame.data.retry_after_ms);
        break;
    }
    return true;
  }

  /** @param {number} generation @param {number} code @param {string} reason @param {number} now */
  closed(generation, code, reason, now) {
    if (generation !== this.generation) return;
    this.lastClose = { code, reason };
    if (code === CLOSE.TOKEN_EXPIRED) this.#end("token_expired");
    else if (mayComeBack(code, reason)) this.#comeBack(now);
    else this.#end(this.state.name === "authenticating" ? "auth_failed" : "closed");
  }

  /** @param {number} now */
  tick(now) {
    if (now < this.due) return;
    switch (this.state.name) {
      case "connecting":
      case "authenticating":
        this.#giveUp("no answer", now);
        break;
      case "ready":
        this.#keepAlive(now);
        break;
      case "waiting":
      case "offline":
        this.#open(now);
        break;
    }
  }

  /** Send one event; false when there is no connection that would take it. @param {string} type @param {object} data @param {string} [id] */
  send(type, data, id) {
    if (!this.ready) return false;
    this.#send(type, data, id);
    return true;
  }

  /** @param {string} type @param {object} data @param {string} [id] */
  #send(type, data, id) {
    this.effects.push({ do: "send", text: encode(type, data, id) });
  }

  /** @param {number} now */
  #open(now) {
    this.generation += 1;
    this.state = { name: "connecting", since: now };
    this.effects.push({ do: "open", generation: this.generation });
  }

  /** @param {number} code @param {string} reason */
  #leave(code, reason) {
    const open = ["connecting", "authenticating", "ready"].includes(this.state.name);
    // From here on nothing of that socket is heard, also its end: a dead one may take minutes.
    this.generation += 1;
    if (open) this.effects.push({ do: "close", code, reason });
    this.beatAt = Infinity;
    this.probeUntil = Infinity;
  }

  /** @param {"auth_failed" | "token_expired" | "closed"} why */
  #end(why) {
    this.#leave(CLOSE.NORMAL, "");
    this.token = "";
    this.state = { name: "stopped", why };
  }

  /** @param {string} reason @param {number} now */
  #giveUp(reason, now) {
    this.lastClose = { code: CLOSE.ABNORMAL, reason };
    this.#comeBack(now);
  }

  /** @param {number} now */
  #comeBack(now) {
    const settled = this.state.name === "ready" && now - this.state.since >= SETTLED_AFTER_MS;
    if (settled) this.attempt = 0;
    this.#leave(CLOSE.NORMAL, "");
    const until = now + (this.adviceMs ?? waitBefore(this.attempt, this.random));
    const why = this.restarting || this.lastClose?.code === CLOSE.RESTART ? "restarting" : "lost";
    this.attempt += 1;
    this.adviceMs = null;
    this.restarting = false;
    this.state = this.online ? { name: "waiting", until, why } : { name: "offline", until };
  }

  /** @param {unknown} afterMs */
  #advise(afterMs) {
    if (typeof afterMs !== "number" || !(afterMs >= 0)) return;
    this.adviceMs = Math.min(afterMs, LONGEST_ADVICE_MS);
  }

  /** @param {Data} data @param {number} now */
  #hello(data, now) {
    if (!isData(data.heartbeat)) return;
    // A server may ask for haste, not for a flood.
    this.intervalMs = Math.max(250, asNumber(data.heartbeat.interval_ms, this.intervalMs));
    this.timeoutMs = Math.max(250, asNumber(data.heartbeat.timeout_ms, this.timeoutMs));
    if (this.ready) this.beatAt = Math.min(this.beatAt, now + this.intervalMs);
  }

  /** @param {Data} data @param {number} now */
  #answered(data, now) {
    if (this.state.name !== "authenticating") return;
    if (data.success === true) {
      this.state = { name: "ready", since: now };
      this.beatAt = now + this.intervalMs;
    } else if (RETRYABLE.has(asText(data.code))) {
      this.#giveUp(asText(data.code), now);
    } else {
      this.lastClose = { code: CLOSE.POLICY, reason: asText(data.code, "auth_failed") };
      this.#end("auth_failed");
    }
  }

  /** @param {number} now */
  #keepAlive(now) {
    if (now >= this.deadAt) {
      const late = now - this.deadAt > LATE_MS && this.probeUntil === Infinity;
      if (late) this.#probe(now);
      else this.#giveUp("the server fell silent", now);
      return;
    }
    this.#beat(now);
  }

  /** Ask for a sign of life, and give it the time an answer may take. @param {number} now */
  #probe(now) {
    this.#beat(now);
    this.probeUntil = now + this.timeoutMs;
    this.heardAt = Math.max(this.heardAt, now - this.intervalMs);
  }

  /** @param {number} now */
  #beat(now) {
    this.#send("heartbeat", { timestamp: asSeq(this.wall()) });
    this.beatSentAt = now;
    this.beatAt = now + this.intervalMs;
  }
}
