/**
 * A bench for one client: its clock is turned by hand, its effects are kept, and the test
 * plays the server, frame by frame.
 */

import { Client } from "../../src/conclave/web/client/client.js";

/** @import { Effect } from "../../src/conclave/web/client/connection.js" */
/** @import { Entry, Frame } from "../../src/conclave/web/client/wire.js" */

export const WALL = 1_795_374_135_000;

export class Bench {
  /** @param {{random?: () => number, hiddenPatienceMs?: number}} [given] */
  constructor({ random = () => 0.5, hiddenPatienceMs } = {}) {
    this.now = 1_000;
    let ids = 0;
    /** @type {Entry[]} */
    this.news = [];
    this.client = new Client({
      random,
      wall: () => WALL + this.now,
      makeId: () => `c-${(ids += 1)}`,
      hiddenPatienceMs,
      onMessage: (entry) => this.news.push(entry),
    });
    /** What was sent and not yet read by `sent`. @type {Frame[]} */
    this.frames = [];
    /** @type {string[]} */
    this.log = [];
  }

  get generation() {
    return this.client.connection.generation;
  }

  get state() {
    return this.client.state;
  }

  /** Do what the shell would do. */
  flush() {
    for (const effect of this.client.take()) {
      if (effect.do === "send") this.frames.push(JSON.parse(effect.text));
      else this.log.push(effect.do);
    }
  }

  /** The frames sent since last asked, of *type* or all. @param {string} [type] */
  sent(type) {
    this.flush();
    const frames = this.frames.filter((frame) => type === undefined || frame.type === type);
    this.frames = this.frames.filter((frame) => !frames.includes(frame));
    return frames;
  }

  /** The one frame of *type* that was sent. @param {string} type @returns {Frame} */
  one(type) {
    const frames = this.sent(type);
    if (frames.length !== 1 || frames[0] === undefined) throw new Error(`${frames.length} ${type}`);
    return frames[0];
  }

  /** @param {string} type @param {object} [data] @param {string | null} [id] */
  hear(type, data = {}, id = null) {
    this.client.received(this.generation, { type, data: { ...data }, id }, this.now);
    this.flush();
  }

  /** Turn the clock to *ms* later, ticking whenever something is due. @param {number} ms */
  pass(ms) {
    const end = this.now + ms;
    for (let turns = 0; this.client.due <= end; turns += 1) {
      if (turns > 10_000) throw new Error("the clock does not go on: something stays due");
      this.now = Math.max(this.now, this.client.due);
      this.client.tick(this.now);
      this.flush();
    }
    this.now = end;
  }

  /** Let *ms* go by without a tick, as in sleep; then tick once. @param {number} ms */
  sleep(ms) {
    this.now += ms;
    this.client.tick(this.now);
    this.flush();
  }

  open() {
    this.client.opened(this.generation, this.now);
    this.flush();
  }

  /** @param {number} code @param {string} [reason] */
  close(code, reason = "") {
    this.client.closed(this.generation, code, reason, this.now);
    this.flush();
  }

  /** Open, say hello, let in. @param {{intervalMs?: number, timeoutMs?: number}} [terms] */
  letIn({ intervalMs = 30_000, timeoutMs = 10_000 } = {}) {
    this.open();
    this.hear("system", { message: "Welcome" });
    this.hear("hello", { heartbeat: { interval_ms: intervalMs, timeout_ms: timeoutMs }, limits: { text_chars: 4000 } });
    this.hear("system", { message: "Welcome, john!", rooms: [] });
    this.hear("auth:response", { success: true, user: { id: "user1", name: "john", role: "user" } });
  }

  /** Sign in and be ready. @param {{intervalMs?: number, timeoutMs?: number}} [terms] */
  signedIn(terms) {
    this.client.signIn("user-token-123", this.now);
    this.flush();
    this.letIn(terms);
    return this;
  }

  /** Join *room* with an answer that holds *messages*. @param {string} room @param {object[]} messages @param {object} [numbers] */
  inRoom(room, messages = [], numbers = {}) {
    this.client.join(room);
    const { id } = this.one("join:room");
    this.hear("history", history(room, messages, numbers), id);
    return this;
  }
}

/** @param {string} room @param {number} seq @param {object} [more] */
export function message(room, seq, more = {}) {
  return {
    type: "message",
    room,
    seq,
    id: `m-${seq}`,
    user: "admin",
    user_id: "admin1",
    timestamp: WALL + seq * 1_000,
    text: `text ${seq}`,
    ...more,
  };
}

/** What the server says of a room on one's list. @param {string} room @param {object} [more] */
export function info(room, more = {}) {
  const numbers = { members: 2, last_seq: 10, read_seq: 0, unread: 7, mentions: 0 };
  return { room, title: room, topic: "", kind: "public", role: "member", ...numbers, ...more };
}

/** @param {string} room @param {any[]} messages @param {object} [numbers] */
export function history(room, messages, numbers = {}) {
  const last = messages.at(-1)?.seq ?? 0;
  return { room, messages, epoch: "e1", first_seq: 1, last_seq: last, upto: last, more: false, reset: false, ...numbers };
}
