/**
 * A server in small, for schedules: one room's log with its changes and marks, idempotent
 * requests, joins with `since`, and to each tab a wire that can break at any moment with
 * anything still under way.
 */

import { history, info, message } from "./bench.js";

/** @import { Data, Frame } from "../../src/conclave/web/client/wire.js" */

const PAGE = 5;
const ME = "user1";

/** What a request writes. @type {Record<string, string>} */
const WRITES = {
  chat: "message",
  "message:edit": "message:edited",
  "message:delete": "message:deleted",
  "reaction:add": "reaction:added",
  "reaction:remove": "reaction:removed",
};

/** The way to one tab. */
export class Wire {
  constructor() {
    /** Whether somebody was let in by it. */
    this.open = false;
    this.attached = false;
    /** Frames under way, in order, each direction. @type {Frame[]} */
    this.toServer = [];
    /** @type {Frame[]} */
    this.toClient = [];
  }

  /** It breaks: what is under way is lost. */
  lose() {
    this.toServer = [];
    this.toClient = [];
    this.open = false;
    this.attached = false;
  }
}

export class Model {
  /** @param {() => number} random */
  constructor(random) {
    this.random = random;
    /** @type {any[]} */
    this.log = [];
    /** Request id → number. @type {Map<string, number>} */
    this.made = new Map();
    /** How far user1 has read. */
    this.mark = 0;
    /** @type {Set<Wire>} */
    this.wires = new Set();
  }

  connect() {
    const wire = new Wire();
    this.wires.add(wire);
    return wire;
  }

  /** Number one entry and tell it. @param {string} user @param {object} what @param {string | null} [id] */
  store(user, what, id = null) {
    const entry = { ...message("general", this.log.length + 1, { user, user_id: user, text: "" }), ...what };
    this.log.push(entry);
    if (id !== null) this.made.set(id, entry.seq);
    if (user === ME && entry.type === "message") this.mark = entry.seq;
    const told = user === ME && id !== null ? { ...entry, client_id: id } : entry;
    const frame = { type: entry.type === "message" ? "chat" : "entry", data: told, id: null };
    for (const wire of this.wires) this.#tell(wire, frame);
    return entry.seq;
  }

  /** @param {Wire} wire @param {Frame} frame */
  #tell(wire, frame) {
    if (!wire.attached) return;
    wire.toClient.push(frame);
    // No server of ours tells a line twice; a client may still rely on its numbers alone.
    if (this.random() < 0.1) wire.toClient.push(frame);
  }

  /** The message *seq* as it is now: text, or null where it is deleted, and who reacted. @param {number} seq */
  asNow(seq) {
    const said = this.log[seq - 1];
    let text = said.text;
    /** @type {string[]} */
    let reactions = [];
    for (const { type, target, text: new_, user_id, emoji } of this.log) {
      if (target !== seq || text === null) continue;
      const key = `${emoji} ${user_id}`;
      if (type === "message:edited") text = new_;
      if (type === "message:deleted") [text, reactions] = [null, []];
      if (type === "reaction:added") reactions = [...reactions.filter((one) => one !== key), key];
      if (type === "reaction:removed") reactions = reactions.filter((one) => one !== key);
    }
    return { seq, text, reactions: reactions.sort() };
  }

  get messages() {
    return this.log.filter(({ type }) => type === "message").map(({ seq }) => seq);
  }

  get unread() {
    const news = this.log.filter(({ type, user_id, seq }) => type === "message" && user_id !== ME && seq > this.mark);
    return news.filter(({ seq }) => this.asNow(seq).text !== null).length;
  }

  /** Take the oldest frame that has arrived on *wire*. @param {Wire} wire */
  serve(wire) {
    const frame = wire.toServer.shift();
    if (frame === undefined) return;
    const { type, data, id } = frame;
    const answer = (/** @type {string} */ kind, /** @type {object} */ what) => wire.toClient.push({ type: kind, data: { ...what }, id });
    if (type === "join:room") this.#join(wire, data, answer);
    else if (WRITES[type] !== undefined) this.#write(wire, frame, answer);
    else if (type === "read") this.#read(wire, data, answer);
    else if (type === "heartbeat") wire.toClient.push({ ...frame, id: null });
    else if (type === "room:list") {
      const numbers = { last_seq: this.log.length, read_seq: this.mark, unread: this.unread };
      answer("rooms", { rooms: [info("general", numbers)] });
    }
  }

  /** @typedef {(type: string, data: object) => void} Answer */

  /** @param {Wire} wire @param {Data} data @param {Answer} answer */
  #join(wire, data, answer) {
    const since = /** @type {{seq: number} | undefined} */ (data.since);
    const last = this.log.length;
    if (since === undefined) {
      const found = this.messages.slice(-PAGE).map((seq) => this.#line(seq));
      wire.attached = true;
      answer("history", history("general", found, { more: this.messages.length > PAGE, last_seq: last, upto: last }));
      return;
    }
    const rest = this.log.slice(since.seq);
    const more = rest.length > PAGE;
    if (!more) wire.attached = true;
    const page = rest.slice(0, PAGE).map((entry) => this.#entry(entry));
    answer("history", history("general", page, { more, last_seq: last, upto: more ? since.seq + PAGE : last }));
  }

  /** A message as a page of messages shows it. @param {number} seq */
  #line(seq) {
    const { text, reactions } = this.asNow(seq);
    /** @type {Map<string, any>} */
    const sums = new Map();
    for (const [emoji = "", user] of reactions.map((one) => one.split(" "))) {
      const sum = sums.get(emoji) ?? { emoji, count: 0, users: [], me: false };
      sums.set(emoji, { emoji, count: sum.count + 1, users: [...sum.users, user], me: sum.me || user === ME });
    }
    return { ...this.#entry(this.log[seq - 1]), text: text ?? "", deleted: text === null, reactions: [...sums.values()] };
  }

  /** An entry as a page of entries shows it to user1: what was erased is gone from it. @param {any} entry */
  #entry(entry) {
    const id = entry.user_id === ME ? [...this.made].find(([, seq]) => seq === entry.seq)?.[0] : undefined;
    const erased = this.log.some(({ type, target }) => type === "message:deleted" && (target === entry.seq || target === entry.target));
    const text = erased && entry.type !== "message:deleted" ? "" : entry.text;
    return { ...entry, text, ...(erased && entry.type === "message" && { deleted: true }), client_id: id };
  }

  /** @param {Wire} wire @param {Frame} frame @param {Answer} answer */
  #write(wire, { type, data, id }, answer) {
    if (id === null) throw new Error(`a ${type} without an id`);
    if (!wire.attached) return answer("error", { code: "not_in_room" });
    if (this.random() < 0.1) return answer("error", { code: "busy", retry_after_ms: 50 });
    const already = this.made.get(id) ?? this.#already(type, data);
    if (already !== undefined) return answer("ack", { room: "general", seq: already });
    answer("ack", { room: "general", seq: this.log.length + 1 });
    this.store(ME, { type: WRITES[type], target: data.target, text: data.text ?? "", emoji: data.emoji }, id);
  }

  /** The entry that made it so before, if it is so. @param {string} type @param {Data} data */
  #already(type, data) {
    if (type === "chat") return undefined;
    const target = Number(data.target);
    const { text, reactions } = this.asNow(target);
    const there = reactions.includes(`${data.emoji} ${ME}`);
    const so = text === null || text === data.text || (type === "reaction:add" && there) || (type === "reaction:remove" && !there);
    return so ? target : undefined;
  }

  /** @param {Wire} from @param {Data} data @param {Answer} answer */
  #read(from, data, answer) {
    if (this.random() < 0.1) return answer("error", { code: "busy" });
    this.mark = Math.max(this.mark, Number(data.seq));
    answer("ack", {});
    const frame = { type: "read", data: { room: "general", user: ME, seq: this.mark }, id: null };
    for (const wire of this.wires) if (wire !== from && wire.open) wire.toClient.push(frame);
  }
}
