/**
 * Gives a client its socket, its clock and its timer.
 *
 * `act` is the one door: tell the client something through it, and what follows is sent,
 * the timer is set and `onChange` is called, at most once a turn of the event loop.
 */

import { decode } from "./wire.js";

/** @import { Chest } from "./chest.js" */
/** @import { Client } from "./client.js" */
/** @import { Fresh } from "./proof.js" */

/** The longest time a timer can be set for. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class Driver {
  /**
   * @param {Client} client
   * @param {object} given
   * @param {string} given.url
   * @param {(url: string) => WebSocket} given.open
   * @param {() => number} given.now    milliseconds of a clock that never jumps
   * @param {() => void} given.onChange
   */
  constructor(client, { url, open, now, onChange }) {
    this.client = client;
    this.url = url;
    this.open = open;
    this.now = now;
    this.onChange = onChange;
    /** @type {WebSocket | null} */
    this.socket = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** When it is due. */
    this.timerAt = Infinity;
    this.told = false;
    /** Keeps what the client has, where there is something to keep it in. @type {Chest | null} */
    this.chest = null;
  }

  /**
   * @template T
   * @param {(client: Client, now: number) => T} what
   * @returns {T}
   */
  act(what) {
    const result = what(this.client, this.now());
    this.flush();
    this.#tell();
    return result;
  }

  /** Do what the client wants done, without telling: also what drawing it asked for, such as a quoted line. */
  flush() {
    for (const effect of this.client.take()) {
      if (effect.do === "open") this.#connect(effect.generation);
      else if (effect.do === "send") this.socket?.send(effect.text);
      else if (effect.do === "prove") this.#prove(effect);
      else this.#close(effect.code, effect.reason);
    }
    this.chest?.follow();
    this.#setTimer();
  }

  /** @param {number} generation */
  #connect(generation) {
    const socket = this.open(this.url);
    this.socket = socket;
    socket.onopen = () => this.act((client, now) => client.opened(generation, now));
    socket.onmessage = ({ data }) =>
      this.act((client, now) => client.received(generation, decode(data), now));
    // An error is always followed by a close, which says more.
    socket.onclose = ({ code, reason }) =>
      this.act((client, now) => client.closed(generation, code, reason, now));
  }

  /** Get a token for this connection alone. @param {{generation: number, token: Fresh}} wanted */
  #prove({ generation, token }) {
    token().then(
      (fresh) => this.act(({ connection }) => connection.proved(generation, fresh)),
      () => this.act(({ connection }, now) => connection.unproven(generation, now)),
    );
  }

  /** @param {number} code @param {string} reason */
  #close(code, reason) {
    const socket = this.socket;
    this.socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(code, reason);
  }

  #setTimer() {
    const { due } = this.client;
    // One that comes early looks again: what is due is put off by each frame that comes in.
    if (due !== Infinity && due >= this.timerAt) return;
    clearTimeout(this.timer);
    this.timerAt = Infinity;
    if (due === Infinity) return;
    const now = this.now();
    this.timerAt = Math.min(Math.max(now, due), now + LONGEST_TIMER_MS);
    this.timer = setTimeout(() => this.#due(), this.timerAt - now);
  }

  #due() {
    this.timerAt = Infinity;
    if (this.client.due <= this.now()) this.act((client, now) => client.tick(now));
    else this.#setTimer();
  }

  #tell() {
    if (this.told) return;
    this.told = true;
    queueMicrotask(() => {
      this.told = false;
      this.onChange();
    });
  }
}
