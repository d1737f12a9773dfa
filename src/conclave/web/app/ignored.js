/** Whom one ignores: their messages fold. The list is the server's, so it holds on all devices. */

import { asks } from "./asks.js";

/** @import { Page } from "./page.js" */
/** @import { Named } from "./mentions.js" */

export class Ignored {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    /** @type {Map<string, Named>} */
    this.people = new Map();
    /** Messages that were opened all the same, as `room/number`. @type {Set<string>} */
    this.opened = new Set();
    page.client.ignored = (people) => this.told(people);
  }

  /** @param {string} user */
  has(user) {
    return this.people.has(user);
  }

  /** Read the list anew. */
  async read() {
    const { refusal, found } = await asks(this.page, (client, done) => client.governing.ignored(done));
    if (refusal !== null) return;
    this.told(found);
  }

  /** @param {Named[]} people */
  told(people) {
    this.people = new Map(people.map((person) => [person.id, person]));
    this.page.changed();
  }

  /** Ignore *person*, or no longer: what went wrong, "" if nothing. @param {Named} person @param {boolean} ignored */
  async set(person, ignored) {
    const { refusal } = await asks(this.page, (client, done) => client.governing.ignore(person.id, ignored, done));
    if (refusal !== null) return refusal.code;
    if (ignored) this.people.set(person.id, person);
    else this.people.delete(person.id);
    this.page.changed();
    return "";
  }

  /** @param {string} room @param {number} seq */
  open(room, seq) {
    this.opened.add(`${room}/${seq}`);
    this.page.changed();
  }

  /** Whether the message *seq* of *user* is folded. @param {string} room @param {number} seq @param {string} user */
  folds(room, seq, user) {
    return this.people.has(user) && !this.opened.has(`${room}/${seq}`);
  }

  forget() {
    this.people.clear();
    this.opened.clear();
  }
}
