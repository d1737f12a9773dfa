/**
 * How much of each room is unread, and where that begins.
 *
 * The server's read mark and counts are the truth; they are known as of a number. What
 * this connection hears after that number is counted on from there, so that nothing is
 * counted twice and an old count cannot come back.
 */

/** @import { RoomInfo } from "./infos.js" */
/** @import { Entry } from "./wire.js" */
/** @import { RoomLog } from "./roomlog.js" */
/** @typedef {{seq: number, timestamp: number}} Start */
/**
 * @typedef {object} Count
 * @property {number} mark       the last number that was read, here or on another device
 * @property {number} asOf       everything up to here is in the counts
 * @property {number} messages
 * @property {number} mentions   those of them that name one
 * @property {boolean} [rough]   there may be fewer: the server did not know the mark when it counted
 */

export class Unread {
  constructor() {
    /** @type {Map<string, Count>} */
    this.rooms = new Map();
    /** Room → the first line that was new when it was last opened. @type {Map<string, Start>} */
    this.starts = new Map();
    /** Goes up with each change of a count or mark. */
    this.changes = 0;
  }

  /** @param {string} room */
  of(room) {
    return this.rooms.get(room)?.messages ?? 0;
  }

  /** @param {string} room */
  mentionsOf(room) {
    return this.rooms.get(room)?.mentions ?? 0;
  }

  /** The last number that was read; undefined where nobody has said. @param {string} room */
  markOf(room) {
    return this.rooms.get(room)?.mark;
  }

  get total() {
    let total = 0;
    for (const { messages } of this.rooms.values()) total += messages;
    return total;
  }

  /** What the server says of a room. @param {RoomInfo} info */
  listed({ room, readSeq, lastSeq, unread, mentions }) {
    const was = this.rooms.get(room);
    const mark = Math.max(readSeq, was?.mark ?? 0);
    if (was !== undefined && lastSeq < was.asOf) return this.#put(room, { ...was, mark });
    // It may not know yet how far was read here; numbers count entries, not messages: at most so many.
    const most = mark === readSeq ? Infinity : Math.max(0, lastSeq - mark);
    const messages = Math.min(unread, most);
    this.#put(room, { mark, asOf: lastSeq, messages, mentions: Math.min(mentions, most), rough: mark > readSeq && messages > 0 });
  }

  /** Whether what is counted of *room* should be asked for once the server knows the mark. @param {string} room */
  isRough(room) {
    return this.rooms.get(room)?.rough === true;
  }

  /** An entry that nobody looked at was heard. @param {Entry} entry @param {string} me */
  missed(entry, me) {
    const was = this.rooms.get(entry.room) ?? { mark: 0, asOf: 0, messages: 0, mentions: 0 };
    if (entry.seq <= was.asOf) return;
    const news = isNews(entry, me) && entry.seq > was.mark;
    if (news && was.messages === 0) this.starts.set(entry.room, entry);
    const messages = was.messages + (news ? 1 : 0);
    const mentions = was.mentions + (news && entry.mentions.includes(me) ? 1 : 0);
    this.#put(entry.room, { ...was, asOf: entry.seq, messages, mentions });
  }

  /**
   * Count again what is known of a room; false when its lines do not reach from the mark to
   * what is counted already.
   *
   * @param {RoomLog} log @param {string} me
   */
  recount(log, me) {
    const was = this.rooms.get(log.room);
    if (was === undefined || log.upto < was.asOf || (was.mark < log.upto && !reachesBack(log, was.mark))) return false;
    const news = linesAfter(log.lines, was.mark).filter((line) => isNews(line, me));
    const mentions = news.filter((line) => line.mentions.includes(me)).length;
    this.#put(log.room, { mark: was.mark, asOf: log.upto, messages: news.length, mentions });
    return true;
  }

  /**
   * A room is opened: what of its lines is new?
   *
   * @param {RoomLog} log @param {string} me
   */
  opened({ room, lines }, me) {
    const mark = this.markOf(room);
    if (mark === undefined || this.starts.has(room)) return;
    const first = linesAfter(lines, mark).find((line) => isNews(line, me));
    if (first !== undefined) this.starts.set(room, first);
  }

  /** Everything up to *seq* was seen here. @param {string} room @param {number} seq */
  read(room, seq) {
    const was = this.rooms.get(room);
    const mark = Math.max(seq, was?.mark ?? 0);
    const beyond = Math.max((was?.asOf ?? 0) - mark, 0);
    // What the list has counted beyond it was not seen here: the rest is for the server to say.
    const messages = Math.min(was?.messages ?? 0, beyond);
    const mentions = Math.min(was?.mentions ?? 0, messages);
    this.#put(room, { mark, asOf: mark + beyond, messages, mentions, rough: messages > 0 });
  }

  /** Another device has read up to *seq*; false when the counts must be asked for. @param {string} room @param {number} seq @param {RoomLog | undefined} log @param {string} me */
  readElsewhere(room, seq, log, me) {
    const was = this.rooms.get(room);
    if (was === undefined || seq <= was.mark) return true;
    this.#put(room, { ...was, mark: seq });
    if (seq < was.asOf) return was.messages === 0 || (log?.begun === true && this.recount(log, me));
    this.read(room, seq);
    return true;
  }

  /** The room is no longer looked at: its rule has done its work. @param {string} room */
  closed(room) {
    this.starts.delete(room);
  }

  clear() {
    this.changes += 1;
    this.rooms.clear();
    this.starts.clear();
  }

  /** @param {string} room */
  forget(room) {
    this.rooms.delete(room);
    this.starts.delete(room);
  }

  /** @param {string} room @param {Count} count */
  #put(room, count) {
    this.changes += 1;
    this.rooms.set(room, count);
  }
}

/** Somebody else's message. @param {Entry} entry @param {string} me */
export function isNews({ type, userId, deleted }, me) {
  return type === "message" && userId !== me && !deleted;
}

/** Those of *lines*, which are by number, that come after *mark*. @param {Entry[]} lines @param {number} mark */
function linesAfter(lines, mark) {
  let from = lines.length;
  while (from > 0 && (lines[from - 1]?.seq ?? 0) > mark) from -= 1;
  return lines.slice(from);
}

/** @param {RoomLog} log @param {number} mark */
function reachesBack({ lines, olderLeft, begun }, mark) {
  return begun && (!olderLeft || (lines[0]?.seq ?? Infinity) <= mark + 1);
}
