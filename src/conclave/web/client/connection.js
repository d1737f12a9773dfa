/**
 * The life of a client's connection, as rules: connecting, proving who one is, staying
 * alive, coming back. It has no socket, timer or clock: a shell tells what happened and
 * when, does what `take` returns, and calls `tick` when `due` has come.
 *
 * All times are milliseconds of a clock that never jumps. It does not know of rooms.
 */

import { Advice } from "./advice.js";
import { waitAtLeast } from "./backoff.js";
import { CLOSE, mayComeBack, RETRYABLE } from "./codes.js";
import { endOf, Proof } from "./proof.js";
import { HIDDEN_PATIENCE_MS, Pulse } from "./pulse.js";
import { dueOf, isOpen } from "./state.js";
import { asSeq, asText, encode } from "./wire.js";

/** @import { Fresh, Token, Why } from "./proof.js" */
/** @import { State } from "./state.js" */
/** @import { Frame, Data } from "./wire.js" */
/**
 * @typedef {{do: "open", generation: number}
 *   | {do: "prove", generation: number, token: Fresh}
 *   | {do: "send", text: string}
 *   | {do: "close", code: number, reason: string}} Effect
 */

/** A connection that held this long was a good one: the next wait begins at the shortest. */
const SETTLED_AFTER_MS = 5_000;

export class Connection {
  /** @param {{random: () => number, wall: () => number, hiddenPatienceMs?: number}} given */
  constructor({ random, wall, hiddenPatienceMs = HIDDEN_PATIENCE_MS }) {
    this.random = random;
    this.wall = wall;
    this.pulse = new Pulse(hiddenPatienceMs);
    /** @type {State} */
    this.state = { name: "idle" };
    /** Which socket is ours: what an older one still says is not heard. */
    this.generation = 0;
    this.attempt = 0;
    this.proof = new Proof();
    this.online = true;
    /** How the last connection ended. @type {{code: number, reason: string} | null} */
    this.lastClose = null;
    /** When that was, in milliseconds since 1970. */
    this.endedAt = 0;
    /** How many sockets in a row did not even open: a browser says no more of them. */
    this.unopened = 0;
    /** Whether one was in before by what one comes in with now. */
    this.held = false;
    this.advice = new Advice();
    /** @type {Effect[]} */
    this.effects = [];
  }

  /** The moment `tick` must be called at the latest; Infinity when nothing is due. */
  get due() {
    return dueOf(this.state, this.pulse);
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

  /** @param {Token} token @param {number} now */
  start(token, now) {
    if (this.state.name !== "idle" && this.state.name !== "stopped") this.stop();
    this.proof.begin(token);
    this.attempt = this.unopened = 0;
    this.held = false;
    this.#open(now);
  }

  /** Close for good and forget the token. */
  stop() {
    this.#leave();
    this.proof.forget();
    this.state = { name: "idle" };
  }

  /** Try now instead of waiting; nothing when there is nothing to wait for. @param {number} now */
  hurry(now) {
    if (this.state.name === "waiting" || this.state.name === "offline") this.#open(now);
  }

  /** Wait *ms* from now at least: somebody knows that there is no coming in before. @param {number} ms @param {number} now */
  rest(ms, now) {
    if (this.state.name !== "waiting") return;
    this.state = { ...this.state, until: Math.max(this.state.until, now + waitAtLeast(0, ms, () => 0)) };
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
    else if (this.ready) this.#beat(this.pulse.probe(now));
  }

  /** Whether the page can be seen. @param {boolean} visible @param {number} now */
  seen(visible, now) {
    this.pulse.visible = visible;
    // Back from a long time hidden: what was patience there may be overdue here. Ask first.
    if (visible && this.ready && now >= this.pulse.deadAt) this.#beat(this.pulse.probe(now));
  }

  /** @param {number} generation @param {number} now */
  opened(generation, now) {
    if (generation !== this.generation || this.state.name !== "connecting") return;
    this.state = { name: "authenticating", since: now };
    this.unopened = 0;
    const { token } = this.proof;
    if (typeof token === "string") this.#send("auth", { token });
    else this.#prove();
  }

  /** A fresh token is there, null: there is none any more. @param {number} generation @param {string | null} token */
  proved(generation, token) {
    if (generation !== this.generation) return;
    if (token === null) {
      // One that is in goes on until the server ends it.
      if (this.state.name === "authenticating") this.#end("token_expired");
    } else if (this.state.name === "authenticating") this.#send("auth", { token });
    else if (this.ready) this.#send("auth:refresh", { token });
  }

  /** A fresh token could not be asked for. @param {number} generation @param {number} now */
  unproven(generation, now) {
    if (generation === this.generation && this.state.name === "authenticating") this.#giveUp("no token to be had", now);
  }

  /**
   * Take one frame; return whether it is of the living connection and so to be passed on.
   *
   * @param {number} generation @param {Frame | null} frame @param {number} now
   */
  received(generation, frame, now) {
    if (generation !== this.generation) return false;
    this.pulse.heard(now);
    if (frame === null) return false;
    switch (frame.type) {
      case "hello":
        this.pulse.agree(frame.data.heartbeat);
        break;
      case "auth:response":
        this.#answered(frame.data, now);
        break;
      case "auth:expiring":
        this.#prove();
        break;
      case "heartbeat":
        this.pulse.answered(now);
        break;
      case "reconnect":
        this.advice.restart(frame.data.after_ms, now);
        break;
      case "error":
        if (frame.id === null) this.advice.rest(frame.data.retry_after_ms, now);
        break;
    }
    return true;
  }

  /** @param {number} generation @param {number} code @param {string} reason @param {number} now */
  closed(generation, code, reason, now) {
    if (generation !== this.generation) return;
    this.#ended(code, reason);
    const why = endOf(code);
    if (code === CLOSE.TOKEN_EXPIRED && this.proof.fresh === null) this.#end("token_expired");
    else if (mayComeBack(code, reason)) this.#comeBack(now);
    else if (this.state.name === "authenticating" && why === null) this.#notLetIn(now);
    else this.#end(why ?? "closed");
  }

  /** The token is not good: where each is fresh, another one may be. @param {number} now */
  #notLetIn(now) {
    if (this.proof.mayTryAgain()) this.#comeBack(now);
    else this.#end("auth_failed");
  }

  /** Ask for a fresh token, where there are such. */
  #prove() {
    const { fresh } = this.proof;
    if (fresh !== null) this.effects.push({ do: "prove", generation: this.generation, token: fresh });
  }

  /** @param {number} now */
  tick(now) {
    if (now < this.due) return;
    switch (this.state.name) {
      case "connecting":
      case "authenticating":
        this.#giveUp("no answer", now);
        break;
      case "ready": {
        const found = this.pulse.check(now);
        if (found === "dead") this.#giveUp("the server fell silent", now);
        else this.#beat(found);
        break;
      }
      case "waiting":
      case "offline":
        this.#open(now);
        break;
    }
  }

  /** Send one event; false when no connection would take it. @param {string} type @param {object} data @param {string} [id] */
  send(type, data, id) {
    if (!this.ready) return false;
    this.#send(type, data, id);
    return true;
  }

  /** @param {string} type @param {object} data @param {string} [id] */
  #send(type, data, id) {
    this.effects.push({ do: "send", text: encode(type, data, id) });
  }

  /** @param {"ask" | "wait"} what */
  #beat(what) {
    if (what === "ask") this.#send("heartbeat", { timestamp: asSeq(this.wall()) });
  }

  /** @param {number} now */
  #open(now) {
    this.generation += 1;
    this.state = { name: "connecting", since: now };
    this.effects.push({ do: "open", generation: this.generation });
  }

  #leave() {
    const hasSocket = isOpen(this.state);
    // From here on nothing of that socket is heard, also its end: a dead one may take minutes.
    this.generation += 1;
    if (hasSocket) this.effects.push({ do: "close", code: CLOSE.NORMAL, reason: "" });
    this.pulse.end();
  }

  /** @param {number} code @param {string} reason */
  #ended(code, reason) {
    this.lastClose = { code, reason };
    this.endedAt = this.wall();
    if (this.state.name === "connecting") this.unopened += 1;
  }

  /** @param {Why} why */
  #end(why) {
    this.#leave();
    this.proof.forget();
    this.state = { name: "stopped", why };
  }

  /** @param {string} reason @param {number} now */
  #giveUp(reason, now) {
    this.#ended(CLOSE.ABNORMAL, reason);
    this.#comeBack(now);
  }

  /** @param {number} now */
  #comeBack(now) {
    const settled = this.state.name === "ready" && now - this.state.since >= SETTLED_AFTER_MS;
    // Two tabs that push each other out hold long enough each time: they must not begin anew.
    if (settled && this.lastClose?.code !== CLOSE.TOO_MANY_CONNECTIONS) this.attempt = 0;
    this.#leave();
    const why = this.advice.restarting || this.lastClose?.code === CLOSE.RESTART ? "restarting" : "lost";
    const until = now + waitAtLeast(this.attempt, this.advice.taken(now), this.random);
    this.attempt += 1;
    this.state = this.online ? { name: "waiting", until, why } : { name: "offline", until };
  }

  /** @param {Data} data @param {number} now */
  #answered(data, now) {
    if (this.state.name !== "authenticating") return;
    const code = asText(data.code, "auth_failed");
    if (data.success === true) {
      this.state = { name: "ready", since: now };
      this.held = true;
      this.proof.accepted();
      this.pulse.begin(now);
    } else if (RETRYABLE.has(code)) {
      this.#giveUp(code, now);
    } else {
      this.#ended(CLOSE.POLICY, code);
      this.#notLetIn(now);
    }
  }
}
