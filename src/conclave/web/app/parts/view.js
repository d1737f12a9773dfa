/**
 * Where the reader of a log is, and how to stay there while lines come in above and below,
 * change their height, or are not drawn because they are far away.
 *
 * `Lines.js` draws what `ranges` says, and calls `hold` after each drawing.
 */

import { Heights } from "../heights.js";
import { nextRange, rangesOf } from "../windows.js";
import { Mounted } from "./mounted.js";

/** @import { Row } from "../timeline.js" */
/** @import { Range } from "../windows.js" */
/**
 * @typedef {"center" | "start" | "end" | "nearest"} Block   end: that of the whole log
 * @typedef {{key: string, block: Block, focus: boolean}} Aim   a row to be brought into sight
 */

/** Nearer to the end than this counts as at the end: half a line of rounding and zoom. */
const END_PX = 24;
/** Older and newer pages are read this many screens ahead. */
const SCREENS_AHEAD = 2;
/** Before a box is measured. */
const USUAL_PX = 800;
/** So many rows stay drawn while a selection of text reaches over them. */
const MOST_SELECTED = 1_000;

export class View {
  constructor() {
    /** @type {HTMLElement | null} */
    this.box = null;
    this.heights = new Heights();
    this.mounted = new Mounted((key, px) => this.heights.measure(key, px));
    /** Whether the end is in sight; not before there is something to see. */
    this.atEnd = false;
    /** Whether it is known what there is to see. */
    this.begun = false;
    /** Whether what is shown ends where the room does. */
    this.follows = true;
    /** Go to the end as soon as it is shown. */
    this.wantsEnd = false;
    /** And give the newest message the focus there. */
    this.wantsLast = false;
    /** The first message in sight, and how far below the upper edge it begins. @type {{key: string, top: number} | null} */
    this.anchor = null;
    /** @type {Aim | null} */
    this.aim = null;
    this.opened = false;
    /** Everything is drawn, to be printed. */
    this.whole = false;
    /** What was in sight when that was looked at last. */
    this.seen = { top: 0, height: USUAL_PX };
    /** What is drawn, by the keys of its first and its last row. @type {{first: string, last: string} | null} */
    this.drawn = null;
    /** @type {Range} */
    this.range = { from: 0, to: 0 };
    /** Something is still to be drawn. */
    this.more = false;
    /** @type {(atEnd: boolean) => void} */
    this.onEnd = () => {};
    /** @type {() => unknown} */
    this.onTop = () => {};
    /** @type {() => unknown} */
    this.onBottom = () => {};
    /** Draw again: other rows are to be drawn. */
    this.onRange = () => {};
    /** Where the reader is now: the row, or null at the end. @type {(row: Row | null) => void} */
    this.onPlace = () => {};
  }

  /** The rows are these now; those before *from* are the same as before. @param {Row[]} rows @param {number} from */
  show(rows, from) {
    this.heights.set(rows, from);
  }

  /** Watch the box for changes of its size, such as a keyboard that comes up. @param {HTMLElement} box */
  watch(box) {
    return this.mounted.watch(box, (resized) => {
      this.hold(box);
      if (resized) this.onRange();
    });
  }

  /** The rows to draw now. @returns {Range[]} */
  ranges() {
    const { count } = this.heights;
    const { range, more } = this.whole ? { range: { from: 0, to: count }, more: false } : nextRange(this.heights, this.#sight(), this.#was());
    this.more = more;
    const [first, last] = this.mounted.selected.map((key) => this.heights.places.get(key) ?? -1).sort((a, b) => a - b);
    if (first !== undefined && last !== undefined && first >= 0 && Math.max(last + 1, range.to) - Math.min(first, range.from) <= MOST_SELECTED) {
      range.from = Math.min(range.from, first);
      range.to = Math.max(range.to, last + 1);
    }
    // What a row looks like may depend on the fold above it.
    if (this.heights.rows[range.from - 1]?.kind === "folded") range.from -= 1;
    this.range = range;
    const [top, end] = [this.heights.keys[range.from], this.heights.keys[range.to - 1]];
    this.drawn = top === undefined || end === undefined ? null : { first: top, last: end };
    const alone = [this.mounted.focused(), ...this.mounted.selected].map((key) => this.heights.places.get(key ?? "") ?? -1);
    return rangesOf(range, alone, count);
  }

  /** What will be in sight: also of what is not drawn yet. */
  #sight() {
    const { heights, seen, aim } = this;
    const { height } = seen;
    const at = aim === null ? undefined : heights.places.get(aim.key);
    if (at !== undefined && !this.mounted.has(aim?.key ?? "")) return { top: heights.top(at) - height / 2, height };
    const rule = this.opened ? undefined : heights.places.get("new");
    if (rule !== undefined) return { top: heights.top(rule) - height / 2, height };
    const end = { top: Math.max(0, heights.total - height), height };
    if (this.follows && (this.atEnd || this.wantsEnd || !this.opened)) return end;
    const held = this.anchor === null ? undefined : heights.places.get(this.anchor.key);
    if (held !== undefined && this.anchor !== null) return { top: heights.top(held) - this.anchor.top, height };
    return { top: Math.min(seen.top, end.top), height };
  }

  /** What is drawn now, by the places the rows have now. @returns {Range | null} */
  #was() {
    if (this.drawn === null) return null;
    const { places } = this.heights;
    const [from, to] = [places.get(this.drawn.first), places.get(this.drawn.last)];
    return from === undefined || to === undefined ? null : { from, to: to + 1 };
  }

  /** After each drawing: be where the reader was. @param {HTMLElement | null} box */
  hold(box) {
    this.box = box;
    if (box === null) return;
    this.mounted.measure();
    if (!this.follows) this.#setAtEnd(false);
    if (this.#aimed(box)) this.#look(box);
    else if (!this.opened && this.heights.count > 0) this.#open(box);
    else if (!this.opened) this.#setAtEnd(this.begun);
    else if (this.follows && (this.atEnd || this.wantsEnd)) this.#end(box);
    else this.#stay(box);
    this.#remember(box);
  }

  scrolled() {
    if (this.box === null) return;
    this.#look(this.box);
    this.#remember(this.box);
  }

  toEnd() {
    if (this.box === null) return;
    this.box.scrollTop = this.box.scrollHeight;
    this.scrolled();
  }

  /** Bring the row *at* into sight, and give it the focus. @param {number} at @param {Block} [block] @returns {boolean} whether there is one */
  go(at, block = "center") {
    const key = this.heights.keys[at];
    if (key === undefined || this.box === null) return false;
    this.aim = { key, block, focus: true };
    this.wantsEnd = false;
    if (!this.mounted.has(key)) this.onRange();
    else {
      this.#aimed(this.box);
      this.scrolled();
    }
    return true;
  }

  /** Bring the newest message into sight, and give it the focus. */
  goToLast() {
    return this.go(this.#message(this.heights.count - 1, -1), "end");
  }

  /** Arrows, Home and End go from message to message, whether they are drawn or not. @param {KeyboardEvent} event */
  key(event) {
    const key = this.mounted.keyOf(/** @type {Element} */ (event.target));
    if (this.box === null || event.defaultPrevented || !(event.target === this.box || key !== null)) return;
    const at = this.heights.places.get(key ?? "");
    const next = {
      ArrowUp: () => (at === undefined ? this.#lastSeen() : this.#message(at - 1, -1)),
      ArrowDown: () => (at === undefined ? this.#lastSeen() : this.#message(at + 1, 1)),
      Home: () => this.#message(0, 1),
      End: () => this.#message(this.heights.count - 1, -1),
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    this.go(next(), event.key === "End" ? "end" : event.key === "Home" ? "start" : "nearest");
  }

  /** The next message from *at* on. @param {number} at @param {1 | -1} way */
  #message(at, way) {
    const { rows } = this.heights;
    for (let next = at; next >= 0 && next < rows.length; next += way) {
      const kind = rows[next]?.kind;
      if (kind === "message" || kind === "pending") return next;
    }
    return -1;
  }

  /** The last message that is wholly in sight. */
  #lastSeen() {
    const { top, height } = this.seen;
    const last = this.heights.at(top + height + 1);
    return this.#message(this.atEnd ? this.heights.count - 1 : Math.max(0, last - 1), -1);
  }

  /** Go on with going to a row; false when there is none to go to that is drawn. @param {HTMLElement} box */
  #aimed(box) {
    const { aim } = this;
    if (aim !== null && !this.heights.places.has(aim.key)) this.aim = null;
    const element = aim && this.mounted.elementOf(aim.key);
    if (aim === null || !element) return false;
    this.aim = null;
    this.opened = true;
    element.scrollIntoView({ block: aim.block });
    if (aim.block === "end") box.scrollTop = box.scrollHeight;
    if (aim.focus) element.focus({ preventScroll: true });
    this.#look(box);
    return true;
  }

  /** Begin at the rule of what is new, or at the end. @param {HTMLElement} box */
  #open(box) {
    const rule = this.mounted.elementOf("new");
    if (rule === null && this.heights.places.has("new")) return;
    this.opened = true;
    if (rule === null) box.scrollTop = box.scrollHeight;
    else rule.scrollIntoView({ block: "center" });
    this.#look(box);
  }

  /** @param {HTMLElement} box */
  #end(box) {
    this.wantsEnd = false;
    box.scrollTop = box.scrollHeight;
    this.#setAtEnd(true);
    const last = this.wantsLast ? this.heights.keys[this.#message(this.heights.count - 1, -1)] : undefined;
    if (last !== undefined) this.mounted.elementOf(last)?.focus({ preventScroll: true });
    this.wantsLast = false;
  }

  /** @param {HTMLElement} box */
  #stay(box) {
    const { anchor } = this;
    const top = anchor && this.mounted.topOf(anchor.key);
    if (anchor !== null && top !== null && top !== anchor.top) box.scrollTop += top - anchor.top;
    const at = anchor === null || top !== null ? undefined : this.heights.places.get(anchor.key);
    if (anchor !== null && at !== undefined) box.scrollTop = this.mounted.start() + this.heights.top(at) - anchor.top;
  }

  /** @param {boolean} atEnd */
  #setAtEnd(atEnd) {
    if (atEnd === this.atEnd) return;
    this.atEnd = atEnd;
    this.onEnd(atEnd);
  }

  /** The reader has moved, or was moved. @param {HTMLElement} box */
  #look(box) {
    this.#setAtEnd(this.follows && below(box) < END_PX);
  }

  /** @param {HTMLElement} box */
  #remember(box) {
    const { scrollTop, clientHeight } = box;
    this.seen = { top: scrollTop - this.mounted.start(), height: clientHeight };
    this.anchor = this.mounted.firstSeen(this.heights, this.range);
    const ahead = SCREENS_AHEAD * clientHeight;
    if (this.opened && scrollTop < ahead) this.onTop();
    if (this.opened && below(box) < ahead) this.onBottom();
    const at = this.anchor === null ? undefined : this.heights.places.get(this.anchor.key);
    this.onPlace(this.atEnd || at === undefined ? null : (this.heights.rows[at] ?? null));
    if (this.aim !== null || this.more || !this.opened || this.#lacks()) this.onRange();
  }

  /** Whether other rows should be drawn than are. */
  #lacks() {
    const { range, more } = nextRange(this.heights, this.#sight(), this.#was());
    return more || range.from < this.range.from || range.to > this.range.to;
  }
}

/** How much is below what is in sight. @param {HTMLElement} box */
function below({ scrollTop, scrollHeight, clientHeight }) {
  return scrollHeight - scrollTop - clientHeight;
}
