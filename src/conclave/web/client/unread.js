/**
 * How much of each room nobody here has seen yet, and where that begins.
 *
 * Rooms this connection hears are counted line by line; of the others the server tells the
 * numbers. What was read is remembered by number, so that an old count cannot come back.
 */

/** @import { Entry, RoomInfo } from "./wire.js" */
/** @typedef {{seq: number, timestamp: number}} Start */

export class Unread {
  constructor() {
    /** Room → the last number that was read. @type {Map<string, number>} */
    this.marks = new Map();
    /** @type {Map<string, number>} */
    this.counts = new Map();
    /** Room → the first line that was new when it was last opened. @type {Map<string, Start>} */
    this.starts = new Map();
  }

  /** @param {string} room */
  of(room) {
    return this.counts.get(room) ?? 0;
  }

  get total() {
    let total = 0;
    for (const count of this.counts.values()) total += count;
    return total;
  }

  /** What the server's list says of a room that is not heard. @param {RoomInfo} info */
  listed(info) {
    const mark = this.marks.get(info.room);
    // The server counts messages, numbers count entries: neither alone knows both marks.
    const most = mark === undefined ? info.unread : Math.max(0, info.lastSeq - mark);
    this.counts.set(info.room, Math.min(info.unread, most));
  }

  /** A live message of somebody else that nobody looked at. @param {Entry} entry */
  missed(entry) {
    const before = this.of(entry.room);
    if (before === 0) this.starts.set(entry.room, entry);
    this.counts.set(entry.room, before + 1);
  }

  /**
   * A page of a room arrived that is being looked at: what of it is new?
   *
   * @param {string} room @param {Entry[]} lines @param {string} me
   */
  opened(room, lines, me) {
    const mark = this.marks.get(room);
    if (mark === undefined) return;
    const fresh = lines.filter((line) => line.seq > mark && line.userId !== me);
    const first = fresh.find((line) => line.type === "message");
    if (first !== undefined && !this.starts.has(room)) this.starts.set(room, first);
  }

  /** Everything up to *seq* was seen. @param {string} room @param {number} seq */
  read(room, seq) {
    this.marks.set(room, Math.max(seq, this.marks.get(room) ?? 0));
    this.counts.set(room, 0);
  }

  /** The room is no longer looked at: its rule has done its work. @param {string} room */
  closed(room) {
    this.starts.delete(room);
  }

  clear() {
    this.marks.clear();
    this.counts.clear();
    this.starts.clear();
  }

  /** @param {string} room */
  forget(room) {
    this.counts.delete(room);
    this.starts.delete(room);
  }
}
