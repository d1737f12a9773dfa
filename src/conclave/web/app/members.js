/** The members of rooms as far as they were asked for, page by page, and whose names are known. */

/** @import { Driver } from "../client/driver.js" */
/** @import { Named } from "./mentions.js" */
/** @import { Member } from "../client/answers.js" */
/**
 * @typedef {object} Known
 * @property {Member[]} list
 * @property {boolean} more
 * @property {boolean} reading
 * @property {string | null} refusal
 */

export class Members {
  /** @param {Driver} driver @param {() => void} onChange */
  constructor(driver, onChange) {
    this.driver = driver;
    this.onChange = onChange;
    /** @type {Map<string, Known>} */
    this.rooms = new Map();
  }

  /** @param {string} room */
  of(room) {
    return this.rooms.get(room)?.list ?? [];
  }

  /** What is known of *room*; null before it was asked. @param {string} room */
  known(room) {
    return this.rooms.get(room) ?? null;
  }

  /** Everybody of *room* whose name is known: who wrote, who is a member, who is here. @param {string} room @returns {Named[]} */
  named(room) {
    const known = this.driver.client.rooms.get(room);
    /** @type {Map<string, string>} */
    const names = new Map();
    for (const { userId, user } of known?.log.lines ?? []) names.set(userId, user);
    for (const { id, name } of this.of(room)) names.set(id, name);
    for (const { id, name } of known?.people.list ?? []) names.set(id, name);
    names.delete("system");
    names.delete("");
    return [...names].map(([id, name]) => ({ id, name }));
  }

  /** Read the first page, unless it is being read. What is known stays until it is there. @param {string} room */
  read(room) {
    const known = this.rooms.get(room);
    if (known?.reading) return;
    this.#ask(room, known ?? { list: [], more: false, reading: false, refusal: null }, null);
  }

  /** @param {string} room */
  readMore(room) {
    const known = this.rooms.get(room);
    const last = known?.list.at(-1);
    if (known?.more && !known.reading && last !== undefined) this.#ask(room, known, last.id);
  }

  /** @param {string} room @param {Known} known @param {string | null} after */
  #ask(room, known, after) {
    this.rooms.set(room, { ...known, reading: true, refusal: null });
    this.driver.act((client) =>
      client.questions.members(room, after, (refusal, { members, more }) => {
        if (!this.rooms.has(room)) return;
        const list = refusal !== null ? known.list : after === null ? members : [...known.list, ...members];
        this.rooms.set(room, {
          list,
          more: refusal === null ? more : known.more,
          reading: false,
          refusal: refusal?.code ?? null,
        });
        this.onChange();
      }),
    );
  }

  forget() {
    this.rooms.clear();
  }
}
