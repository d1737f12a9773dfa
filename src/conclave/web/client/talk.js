/**
 * What a client says to its server, as rules: what it asks once, and what it writes, which
 * waits until it is stored or refused. It knows of no rooms: one that is in none sends
 * nothing that was written. What is heard, and what comes of it, is said by `client.js`.
 */

import { Connection } from "./connection.js";
import { changeOf, messageFor } from "./items.js";
import { Outbox } from "./outbox.js";
import { Pen } from "./pen.js";
import { LOST, Requests } from "./requests.js";
import { Typing } from "./typing.js";

/** @import { Beside } from "./items.js" */
/** @import { Done, Refusal } from "./requests.js" */

export class Talk {
  /** @param {{random: () => number, wall: () => number, makeId: () => string, hiddenPatienceMs?: number | undefined}} given */
  constructor({ random, wall, makeId, hiddenPatienceMs }) {
    /** Until the server says its own. @type {{textChars: number, messageBytes: number, attachmentBytes: number, attachmentKinds: string[]}} */
    this.limits = { textChars: 4_000, messageBytes: 65_536, attachmentBytes: 26_214_400, attachmentKinds: [] };
    /** Something the server said that answers nothing. @type {Refusal | null} */
    this.said = null;
    this.connection = new Connection({ random, wall, hiddenPatienceMs });
    this.requests = new Requests(makeId);
    this.outbox = new Outbox({ makeId, random, wall, onUndone: (refusal) => (this.said = refusal) });
    this.pen = new Pen(this);
    this.ownTyping = new Typing((room, active) => void this.connection.send("typing", { room, active }));
  }

  get state() {
    return this.connection.state;
  }

  take() {
    return this.connection.take();
  }

  /** Whether one is in *room*, which then takes what was written. @param {string} _room */
  isIn(_room) {
    return false;
  }

  /** Send what may be sent now. @param {number} now */
  flush(now) {
    if (this.connection.ready) this.pen.flush(now);
  }

  // ── asking: see questions.js for what there is to ask ────────────────────────────────

  /** Send a request; *done* is called once. @param {string} type @param {object} data @param {Done} done */
  ask(type, data, done) {
    if (this.connection.ready) this.connection.send(type, data, this.requests.begin(done));
    else done(LOST, null);
  }

  // ── writing: each returns what waits, or null when too much does already, or it is too long ──

  /** @param {string} room @param {string} text @param {number} now @param {Beside} [beside] */
  say(room, text, now, beside) {
    this.ownTyping.wrote(room);
    return this.pen.write(messageFor(room, text, beside), now, beside?.id);
  }

  /** @param {string} room @param {number} seq @param {string} text @param {number} now */
  edit(room, seq, text, now) {
    return this.pen.write(changeOf("message:edit", room, seq, { text }), now);
  }

  /** @param {string} room @param {number} seq @param {number} now */
  remove(room, seq, now) {
    return this.pen.write(changeOf("message:delete", room, seq), now);
  }

  /** @param {string} room @param {number} seq @param {string} emoji @param {number} now */
  react(room, seq, emoji, now) {
    return this.pen.write(changeOf("reaction:add", room, seq, { emoji }), now);
  }

  /** @param {string} room @param {number} seq @param {string} emoji @param {number} now */
  unreact(room, seq, emoji, now) {
    return this.pen.write(changeOf("reaction:remove", room, seq, { emoji }), now);
  }

  /** @param {string} room @param {number} seq @param {number} now */
  pin(room, seq, now) {
    return this.pen.write(changeOf("message:pin", room, seq), now);
  }

  /** @param {string} room @param {number} seq @param {number} now */
  unpin(room, seq, now) {
    return this.pen.write(changeOf("message:unpin", room, seq), now);
  }

  /** Send again what failed. @param {string} id @param {number} now */
  sayAgain(id, now) {
    this.outbox.again(id, now);
    this.flush(now);
  }
}
