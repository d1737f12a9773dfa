/**
 * Who is in a room now: the server's list, kept up by the notices of who comes and goes.
 *
 * The count is the server's and exact; the list may be shorter (at most 100 are told). A
 * notice of the oldest dialect has only a name, so a person may have to be found by it.
 */

import { asSeq, asText, personOf } from "./wire.js";

/** @import { Data, Notice, Person } from "./wire.js" */

/** How long «is typing» holds without being said again. */
const TYPING_FOR_MS = 6_000;

export class People {
  constructor() {
    /** @type {Map<string, Person>} */
    this.byId = new Map();
    this.count = 0;
    /** User id → until when. @type {Map<string, number>} */
    this.typingUntil = new Map();
  }

  get list() {
    return [...this.byId.values()].sort((a, b) => a.name.localeCompare(b.name));
  }

  /** @param {Data} data */
  told(data) {
    const users = Array.isArray(data.users) ? data.users : [];
    this.byId = new Map();
    for (const value of users) {
      const person = personOf(value);
      if (person !== null) this.byId.set(person.id, person);
    }
    this.count = Math.max(asSeq(data.count), this.byId.size);
    this.#onlyPresent();
  }

  /** @param {Notice} notice */
  noticed(notice) {
    const known = this.#find(notice);
    if (notice.type === "user:joined" && known === null) {
      const id = notice.userId ?? `name:${notice.name}`;
      this.byId.set(id, { id, name: notice.name, role: "user", status: "online" });
      this.count += 1;
    } else if (notice.type === "user:left" && known !== null) {
      this.byId.delete(known.id);
      this.count = Math.max(this.byId.size, this.count - 1);
      this.#onlyPresent();
    }
  }

  /** @param {Data} data @param {number} now */
  typing(data, now) {
    const id = asText(data.user);
    if (data.active === true && this.byId.has(id)) this.typingUntil.set(id, now + TYPING_FOR_MS);
    else this.typingUntil.delete(id);
  }

  /** @param {string} id @param {{status?: string, name?: string}} change */
  is(id, change) {
    const person = this.byId.get(id);
    if (person !== undefined) this.byId.set(id, { ...person, ...change });
  }

  /** Somebody's message ends their typing. @param {string} id */
  spoke(id) {
    this.typingUntil.delete(id);
  }

  get due() {
    return Math.min(Infinity, ...this.typingUntil.values());
  }

  /** @param {number} now */
  expire(now) {
    for (const [id, until] of this.typingUntil) {
      if (now >= until) this.typingUntil.delete(id);
    }
  }

  /** The names of those who type, without *me*. @param {string} me */
  typists(me) {
    const names = [];
    for (const id of this.typingUntil.keys()) {
      const person = this.byId.get(id);
      if (person !== undefined && id !== me) names.push(person.name);
    }
    return names;
  }

  /** The connection ended: nothing here is known any more, but it stays shown. */
  lose() {
    this.typingUntil.clear();
  }

  /** @param {Notice} notice */
  #find(notice) {
    if (notice.userId !== null) return this.byId.get(notice.userId) ?? null;
    for (const person of this.byId.values()) {
      if (person.name === notice.name) return person;
    }
    return null;
  }

  #onlyPresent() {
    for (const id of this.typingUntil.keys()) {
      if (!this.byId.has(id)) this.typingUntil.delete(id);
    }
  }
}

