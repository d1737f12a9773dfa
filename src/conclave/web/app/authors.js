/**
 * Who wrote the lines of a room's log: user id → the name they had last. Each line is looked at
 * once, however often it is asked; who wrote what is gone from the window is known still.
 */

/** @import { RoomLog } from "../client/roomlog.js" */
/** @import { Entry } from "../client/wire.js" */

export class Authors {
  constructor() {
    /** @type {Map<string, string>} */
    this.names = new Map();
    /** Of which history the names are. */
    this.epoch = "";
    /** The first and the last number that was looked at. */
    this.from = Infinity;
    this.to = -Infinity;
  }

  /** @param {RoomLog} log */
  of({ lines, epoch }) {
    if (epoch !== this.epoch) Object.assign(this, { names: new Map(), epoch, from: Infinity, to: -Infinity });
    this.#look(lines);
    return this.names;
  }

  /** @param {Entry[]} lines */
  #look(lines) {
    let older = 0;
    while (older < lines.length && seqAt(lines, older) < this.from) older += 1;
    // From the newest on: nobody gets back a name of earlier.
    for (const { userId, user } of lines.slice(0, older).reverse()) if (!this.names.has(userId)) this.names.set(userId, user);
    let newer = lines.length;
    while (newer > older && seqAt(lines, newer - 1) > this.to) newer -= 1;
    for (const { userId, user } of lines.slice(newer)) this.names.set(userId, user);
    this.from = Math.min(this.from, seqAt(lines, 0));
    this.to = Math.max(this.to, lines.at(-1)?.seq ?? this.to);
  }
}

/** @param {Entry[]} lines @param {number} at */
const seqAt = (lines, at) => lines[at]?.seq ?? Infinity;
