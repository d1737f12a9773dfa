/** What a client may ask of a server besides its rooms' logs, with answers that can be relied on. */

import { hitsOf, membersOf, peopleOf, profileOf } from "./answers.js";
import { roomsOf } from "./infos.js";
import { historyOf } from "./wire.js";

/** @import { FoundPerson, Hits, Members, Profile } from "./answers.js" */
/** @import { Done, Refusal } from "./requests.js" */
/** @import { RoomInfo } from "./infos.js" */
/** @import { Data } from "./wire.js" */
/**
 * @template T
 * @typedef {(refusal: Refusal | null, answer: T) => void} Answered   called once; empty with a refusal
 */
/** @typedef {{query: string, room?: string, from?: string, before?: number, after?: number, limit?: number, cursor?: string}} Query */

export class Questions {
  /** @param {(type: string, data: object, done: Done) => void} ask */
  constructor(ask) {
    this.ask = ask;
  }

  /** @param {{room: string, title?: string, topic?: string, kind?: string}} wanted @param {Done} done */
  create(wanted, done) {
    this.ask("room:create", wanted, done);
  }

  /** Set the title or topic of a room. @param {{room: string, title?: string, topic?: string}} wanted @param {Done} done */
  update(wanted, done) {
    this.ask("room:update", wanted, done);
  }

  /** The public rooms. @param {Answered<RoomInfo[]>} done */
  browse(done) {
    this.#ask("room:list", { scope: "public" }, roomsOf, done);
  }

  /**
   * The members of *room*, a page at a time: *after* is the last id of the page before.
   *
   * @param {string} room @param {string | null} after @param {Answered<Members>} done
   */
  members(room, after, done) {
    this.#ask("room:members", after === null ? { room } : { room, after }, membersOf, done);
  }

  /** @param {string} query @param {Answered<FoundPerson[]>} done */
  people(query, done) {
    this.#ask("people", { query }, peopleOf, done);
  }

  /** What *user* shows of themselves. @param {string} user @param {Answered<Profile>} done */
  profile(user, done) {
    this.#ask("profile:get", { user }, profileOf, done);
  }

  /** Change one's own; answered with what it is then. @param {{display_name?: string, about?: string}} wanted @param {Answered<Profile>} done */
  setProfile(wanted, done) {
    this.#ask("profile:set", wanted, profileOf, done);
  }

  /** @param {Query} query @param {Answered<Hits>} done */
  search(query, done) {
    this.#ask("search", query, hitsOf, done);
  }

  /** The number of the first line of *room* at *at* or later, or of its last; null for none. @param {string} room @param {number} at @param {Answered<number | null>} done */
  lineAt(room, at, done) {
    const first = (/** @type {Data} */ data) => {
      const entries = historyOf(data)?.entries ?? [];
      return (entries.find(({ timestamp }) => timestamp >= at) ?? entries.at(-1))?.seq ?? null;
    };
    this.#ask("get:history", { room, at, limit: 2 }, first, done);
  }

  /**
   * @template T
   * @param {string} type @param {object} data @param {(data: Data) => T} read @param {Answered<T>} done
   */
  #ask(type, data, read, done) {
    this.ask(type, data, (refusal, answer) => done(refusal, read(answer?.data ?? {})));
  }
}
