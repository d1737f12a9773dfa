/** Sends what was written, in its order, as soon as it may be; what is too long for any frame never. */

import { dataOf } from "./items.js";
import { TOO_LONG } from "./outbox.js";
import { frameBytes } from "./wire.js";

/** @import { Talk } from "./talk.js" */
/** @import { Wanted } from "./items.js" */

const LONGEST_ID = "x".repeat(64);

export class Pen {
  /** @param {Talk} talk */
  constructor(talk) {
    this.talk = talk;
  }

  /** What waits now, or null when too much does already, or it is too long. @param {Wanted} wanted @param {number} now @param {string} [id] */
  write(wanted, now, id) {
    if (this.#isTooLong(wanted)) {
      this.talk.said = TOO_LONG;
      return null;
    }
    const item = this.talk.outbox.add(wanted, now, id);
    this.talk.flush(now);
    return item;
  }

  /** Send what may be sent now. @param {number} now */
  flush(now) {
    const { outbox, connection } = this.talk;
    const due = outbox.next((room) => this.talk.isIn(room), now);
    for (const item of due) {
      // Kept by an earlier version, or of a server that took more.
      if (this.#isTooLong(item)) outbox.refused(item.id, TOO_LONG, now);
      else connection.send(item.type, dataOf(item), item.id);
    }
    // What stood behind one that cannot go.
    if (due.some(({ id }) => outbox.items.get(id)?.state !== "sent")) this.talk.flush(now);
  }

  /** Whether the server would end the connection for it, each time it was sent. @param {Wanted} wanted */
  #isTooLong(wanted) {
    return frameBytes(wanted.type, dataOf(wanted), LONGEST_ID) > this.talk.limits.messageBytes;
  }
}
