/**
 * What a client knows of the end of one room's log: a window of lines without doubles, and
 * the position up to which it knows everything.
 *
 * Three ways in: a page to begin with, a page that follows, a page before. Live entries are
 * told by number: known ones are dropped, the next one is taken, one too far shows a gap
 * that only a new page can close. Entries that change a line are applied to it; the others
 * that have no line of their own only move the position. It asks for nothing itself.
 */

import { applied, indexOf, isChange } from "./changes.js";

/** @import { KnownRoom } from "./kept.js" */
/** @import { Entry, History } from "./wire.js" */

/** What a window holds at most before its oldest lines go, and then; they can be read again. */
const LIMITS = { most: 2_000, kept: 1_000 };
/** The same of the one that is looked at. */
const OPEN_LIMITS = { most: 10_500, kept: 10_000 };
/** Who looks at lines that are this near to those that go shall not see them go. */
const NEAR_LINES = 500;

/** Entries besides messages that are a line of their own. */
const LINES = new Set(["message", "member:added", "member:removed", "member:role", "room:updated"]);

/** @param {{type: string}} entry */
const isOfMember = ({ type }) => type.startsWith("member:");

/** Whether entries of *type* are shown as a line. @param {string} type */
export function isLine(type) {
  return LINES.has(type);
}

/** The lines of a page that shows messages as they are now. @param {History} page */
export function linesAsNow(page) {
  return page.entries.filter(({ type }) => isLine(type)).map((entry) => ({ ...entry, asOf: Math.max(entry.seq, page.lastSeq) }));
}

export class RoomLog {
  /** @param {string} room @param {() => string} [me]   one's own user id */
  constructor(room, me = () => "") {
    this.room = room;
    this.me = me;
    /** @type {Entry[]} */
    this.lines = [];
    this.epoch = "";
    /** Everything up to here is known. */
    this.upto = 0;
    /** The id of the entry at `upto`, where it was seen: it betrays another history. */
    this.uptoId = "";
    /** Whether the room has lines before the first of the window. */
    this.olderLeft = false;
    /** Whether a page before it is asked for. */
    this.reading = false;
    this.begun = false;
    /** The last entry about a member that is known. */
    this.memberSeq = 0;
    /** Whether it is looked at. */
    this.open = false;
    /** The line that is looked at; null: the end, or nothing. @type {number | null} */
    this.reader = null;
    /** What is looked at is about to go: keep it elsewhere. @type {(lines: Entry[], reader: number) => void} */
    this.onPart = () => {};
    /** An entry of an application's own kind, once and in order. @type {(entry: Entry) => void} */
    this.onOwn = () => {};
  }

  /** What to send as `since`; undefined before the first page. */
  get position() {
    if (!this.begun) return undefined;
    const { epoch, upto, uptoId } = this;
    return uptoId === "" ? { epoch, seq: upto } : { epoch, seq: upto, id: uptoId };
  }

  /** Begin with what was known at an earlier time. @param {KnownRoom} known */
  remember({ epoch, upto, uptoId, olderLeft, lines }) {
    Object.assign(this, { epoch, upto, uptoId, olderLeft, lines, begun: true });
    this.memberSeq = lines.findLast(isOfMember)?.seq ?? 0;
  }

  /** Forget everything and begin with this page of the last messages. @param {History} page */
  begin(page) {
    this.lines = linesAsNow(page);
    this.memberSeq = this.lines.findLast(isOfMember)?.seq ?? 0;
    this.epoch = page.epoch;
    this.begun = true;
    this.#moveTo(page);
    const first = this.lines[0];
    // A reset has no `more`: its numbers tell whether something lies before it.
    this.olderLeft = page.more || (page.reset && first !== undefined && first.seq > page.firstSeq);
    return this.lines;
  }

  /** Take the entries that follow the position; return those that were not known. @param {History} page */
  follow(page) {
    const fresh = page.entries.filter((entry) => entry.seq > this.upto);
    for (const entry of fresh) this.#take(entry);
    this.#moveTo(page);
    this.#trim();
    return fresh;
  }

  /** Take an older page, asked for with `before` the first line. @param {History} page */
  before(page) {
    const first = this.lines[0]?.seq ?? Infinity;
    const older = linesAsNow(page).filter((entry) => entry.seq < first);
    this.lines = [...older, ...this.lines];
    // An empty page that says «more» would be asked for again for ever.
    this.olderLeft = page.more && older.length > 0;
  }

  /**
   * Take one live entry.
   *
   * @param {Entry} entry
   * @returns {"new" | "known" | "gap"}
   */
  hear(entry) {
    if (entry.seq <= this.upto) return "known";
    if (this.begun && entry.seq !== this.upto + 1) return "gap";
    this.upto = entry.seq;
    this.uptoId = entry.id;
    this.#take(entry);
    this.#trim();
    return "new";
  }

  /** Take lines that end where the window begins. @param {Entry[]} lines @param {boolean} olderLeft */
  join(lines, olderLeft) {
    const first = this.lines[0]?.seq ?? Infinity;
    this.lines = [...lines.filter(({ seq }) => seq < first), ...this.lines];
    this.olderLeft = olderLeft;
  }

  /** @param {number} seq @returns {Entry | null} */
  line(seq) {
    return this.lines[indexOf(this.lines, seq)] ?? null;
  }

  /** @param {Entry} entry */
  #take(entry) {
    if (isChange(entry.type)) this.lines = applied(this.lines, entry, this.me());
    else if (isLine(entry.type)) this.lines = [...this.lines, entry];
    else if (entry.data !== null) this.onOwn(entry);
    if (isOfMember(entry)) this.memberSeq = entry.seq;
    // What was hidden may be read now: only asking tells.
    if (entry.history === "all") this.olderLeft = true;
  }

  /** @param {History} page */
  #moveTo(page) {
    this.upto = page.upto;
    const last = page.entries.at(-1);
    this.uptoId = last?.seq === page.upto ? last.id : page.uptoId;
  }

  #trim() {
    const limits = this.open ? OPEN_LIMITS : LIMITS;
    if (this.lines.length <= limits.most) return;
    const kept = this.lines.slice(-limits.kept);
    const first = kept[NEAR_LINES]?.seq ?? 0;
    if (this.reader !== null && this.reader < first) this.onPart(this.lines, this.reader);
    this.lines = kept;
    this.olderLeft = true;
  }
}
