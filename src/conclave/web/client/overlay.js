/**
 * A room's lines as their reader expects them: with one's own changes in them that are
 * still under way. They are shown at once, and go when they are refused.
 */

import { changed } from "./changes.js";

/** @import { Item } from "./items.js" */
/** @import { Outbox } from "./outbox.js" */
/** @import { Entry } from "./wire.js" */

/** What a request becomes in the log. */
const BECOMES = new Map([
  ["message:edit", "message:edited"],
  ["message:delete", "message:deleted"],
  ["message:pin", "message:pinned"],
  ["message:unpin", "message:unpinned"],
  ["reaction:add", "reaction:added"],
  ["reaction:remove", "reaction:removed"],
]);

export class Overlay {
  /** @param {Outbox} outbox @param {() => string} me */
  constructor(outbox, me) {
    this.outbox = outbox;
    this.me = me;
    /** The state of the outbox that `changes` is of. */
    this.of = -1;
    /** Room → number → what is under way for it. @type {Map<string, Map<number, Item[]>>} */
    this.changes = new Map();
    /** What a line was shown as: the same again while the same is under way. @type {WeakMap<Entry, {ids: string, shown: Entry}>} */
    this.made = new WeakMap();
  }

  /** @param {string} room @param {Entry[]} lines */
  lines(room, lines) {
    const changes = this.#changes.get(room);
    return changes === undefined ? lines : lines.map((line) => this.#shown(line, changes.get(line.seq)));
  }

  /** @param {Entry} line */
  line(line) {
    return this.#shown(line, this.#changes.get(line.room)?.get(line.seq));
  }

  /** @param {Entry} line @param {Item[] | undefined} items */
  #shown(line, items) {
    if (items === undefined) return line;
    const ids = items.map(({ id }) => id).join(" ");
    const before = this.made.get(line);
    if (before?.ids === ids) return before.shown;
    const shown = items.reduce((so, item) => changed(so, this.#change(item), this.me()), line);
    this.made.set(line, { ids, shown });
    return shown;
  }

  /** @param {Item} item */
  #change({ type, text, emoji, at }) {
    return { type: BECOMES.get(type) ?? "", userId: this.me(), timestamp: at, text, emoji };
  }

  get #changes() {
    if (this.of === this.outbox.changes) return this.changes;
    this.of = this.outbox.changes;
    this.changes = new Map();
    for (const item of this.outbox.items.values()) if (item.state !== "failed") this.#note(item);
    return this.changes;
  }

  /** @param {Item} item */
  #note(item) {
    if (item.target === null) return;
    const ofRoom = this.changes.get(item.room) ?? new Map();
    this.changes.set(item.room, ofRoom.set(item.target, [...(ofRoom.get(item.target) ?? []), item]));
  }
}
