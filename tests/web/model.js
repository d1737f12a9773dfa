/**
 * A server in small, for schedules: one room's log, idempotent sends, joins with `since`,
 * and a wire that can break at any moment with anything still under way.
 */

import { history, message } from "./bench.js";

/** @import { Frame } from "../../src/conclave/web/client/wire.js" */

const PAGE = 5;

export class Model {
  /** @param {() => number} random */
  constructor(random) {
    this.random = random;
    /** @type {any[]} */
    this.log = [];
    /** Request id → number. @type {Map<string, number>} */
    this.made = new Map();
    this.attached = false;
    /** Frames under way, in order, each direction. @type {Frame[]} */
    this.toServer = [];
    /** @type {Frame[]} */
    this.toClient = [];
  }

  /** @param {string} user @param {string} text @param {string | null} id */
  store(user, text, id) {
    const entry = message("general", this.log.length + 1, { user, user_id: user, text });
    this.log.push(entry);
    if (id !== null) this.made.set(id, entry.seq);
    if (!this.attached) return entry.seq;
    const own = user === "user1" && id !== null ? { ...entry, client_id: id } : entry;
    this.toClient.push({ type: "chat", data: own, id: null });
    // No server of ours tells a line twice; a client may still rely on its numbers alone.
    if (this.random() < 0.1) this.toClient.push({ type: "chat", data: own, id: null });
    return entry.seq;
  }

  /** Take the oldest frame that has arrived here. */
  serve() {
    const frame = this.toServer.shift();
    if (frame === undefined) return;
    if (frame.type === "join:room") this.#join(frame);
    else if (frame.type === "chat") this.#chat(frame);
    else if (frame.type === "heartbeat") this.toClient.push({ ...frame, id: null });
    else if (frame.type === "room:list") this.toClient.push({ type: "rooms", data: { rooms: [] }, id: frame.id });
  }

  /** The connection breaks: what is under way is lost. */
  lose() {
    this.toServer = [];
    this.toClient = [];
    this.attached = false;
  }

  /** @param {Frame} frame */
  #join({ data, id }) {
    const since = /** @type {{seq: number} | undefined} */ (data.since);
    const after = since === undefined ? Math.max(0, this.log.length - PAGE) : since.seq;
    const rest = this.log.slice(after);
    const page = since === undefined ? rest : rest.slice(0, PAGE);
    const more = since === undefined ? after > 0 : rest.length > PAGE;
    if (since === undefined || !more) this.attached = true;
    const last = this.log.length;
    const numbers = { more, last_seq: last, upto: since === undefined || !more ? last : after + PAGE };
    this.toClient.push({ type: "history", data: history("general", page, numbers), id });
  }

  /** @param {Frame} frame */
  #chat({ data, id }) {
    if (id === null) throw new Error("a chat without an id");
    if (!this.attached) {
      this.toClient.push({ type: "error", data: { code: "not_in_room" }, id });
      return;
    }
    if (this.random() < 0.1) {
      this.toClient.push({ type: "error", data: { code: "busy", retry_after_ms: 50 }, id });
      return;
    }
    const seq = this.made.get(id);
    if (seq !== undefined) {
      this.toClient.push({ type: "ack", data: { room: "general", seq }, id });
      return;
    }
    const next = this.log.length + 1;
    this.toClient.push({ type: "ack", data: { room: "general", seq: next }, id });
    this.store("user1", String(data.text), id);
  }
}
