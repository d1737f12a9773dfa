/** The members of rooms as far as they were asked for, page by page, and whose names are known. */

import { Authors } from "./authors.js";

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

/** @type {Map<string, string>} */
const NOBODY = new Map();

export class Members {
  /** @param {Driver} driver @param {() => void} onChange */
  constructor(driver, onChange) {
    this.driver = driver;
    this.onChange = onChange;
    /** @type {Map<string, Known>} */
    this.rooms = new Map();
    /** @type {Map<string, Authors>} */
    this.authors = new Map();
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
    const here = this.driver.client.rooms.get(room)?.people.byId.values() ?? [];
    const names = new Map(this.#authorsOf(room));
    for (const { id, name } of [...this.of(room), ...here]) names.set(id, name);
    names.delete("system");
    names.delete("");
    return [...names].map(([id, name]) => ({ id, name }));
  }

  /** The name of *id*, "" where it is not known. @param {string} room @param {string} id */
  nameOf(room, id) {
    if (id === "system") return "";
    const here = this.driver.client.rooms.get(room)?.people.byId.get(id);
    return (here ?? this.of(room).find((member) => member.id === id))?.name ?? this.#authorsOf(room).get(id) ?? "";
  }

  /** @param {string} room */
  #authorsOf(room) {
    const known = this.driver.client.rooms.get(room);
    if (known === undefined) return NOBODY;
    const authors = this.authors.get(room) ?? new Authors();
    this.authors.set(room, authors);
    return authors.of(known.log);
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
    this.authors.clear();
  }
}
