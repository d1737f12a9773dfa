/**
 * What an application adds to the chat, asked and heard by type: `conclave spec --format
 * typescript` writes the types, and `Speech` takes them as its argument.
 *
 * What the chat itself asks and tells, the client does by its own verbs.
 */

import { Refused } from "../src/conclave/web/client/refused.js";

/** @import { Driver } from "../src/conclave/web/client/driver.js" */
/** @import { Refusal } from "../src/conclave/web/client/requests.js" */
/** @import { Entry } from "../src/conclave/web/client/wire.js" */
/**
 * @typedef {{requests: object, events: object, entries: object}} Words
 */
/**
 * @template {Words} P
 * @template {keyof P["requests"]} T
 * @typedef {P["requests"][T] extends {data: infer D} ? D : never} DataOf
 */
/**
 * @template {Words} P
 * @template {keyof P["requests"]} T
 * @typedef {P["requests"][T] extends {answer: infer A} ? A : never} AnswerOf
 */

/** @template {Words} P */
export class Speech {
  /** One for a driver: it is what hears. @param {Driver} driver */
  constructor(driver) {
    this.driver = driver;
    /** @type {Map<string, Set<(data: any) => void>>} */
    this.hearing = new Map();
    /** @type {Map<string, Set<(data: any, entry: Entry) => void>>} */
    this.reading = new Map();
    driver.client.heard = (type, data) => this.hearing.get(type)?.forEach((listener) => listener(data));
    driver.client.entered = (entry) => this.reading.get(entry.type)?.forEach((listener) => listener(entry.data, entry));
  }

  /**
   * Ask once, and get the data of the answer. Rejects with `Refused`; where there is no connection,
   * at once, with the code `connection_lost`.
   *
   * @template {keyof P["requests"] & string} T
   * @param {T} type
   * @param {DataOf<P, T>} data
   * @returns {Promise<AnswerOf<P, T>>}
   */
  ask(type, data) {
    return new Promise((resolve, reject) => {
      this.driver.act((client) =>
        client.ask(type, /** @type {object} */ (data), (refusal, answer) => {
          if (refusal === null) resolve(/** @type {AnswerOf<P, T>} */ (answer?.data ?? {}));
          else reject(new Refused(refusal));
        }),
      );
    });
  }

  /**
   * Hear what an application tells, until what is returned is called.
   *
   * @template {keyof P["events"] & string} T
   * @param {T} type
   * @param {(data: P["events"][T]) => void} listener
   */
  on(type, listener) {
    return added(this.hearing, type, listener);
  }

  /**
   * Read what an application keeps in the rooms one is in, once and in order, until what is
   * returned is called.
   *
   * @template {keyof P["entries"] & string} T
   * @param {T} type
   * @param {(data: P["entries"][T], entry: Entry) => void} listener
   */
  onEntry(type, listener) {
    return added(this.reading, type, listener);
  }
}

/** @template L @param {Map<string, Set<L>>} listeners @param {string} type @param {L} listener */
function added(listeners, type, listener) {
  const those = listeners.get(type) ?? new Set();
  listeners.set(type, those.add(listener));
  return () => void those.delete(listener);
}
