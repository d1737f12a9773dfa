/**
 * What a connection proves with who one is: a token, or what gets a fresh one for each
 * connection, where a token is good only once. It does not send and does not wait.
 */

import { CLOSE } from "./codes.js";

/**
 * @typedef {() => Promise<string | null>} Fresh   null: nobody is signed in any more
 * @typedef {string | Fresh} Token
 * @typedef {"auth_failed" | "token_expired" | "revoked" | "banned" | "identity" | "closed"} Why
 *   why nothing brings a connection back by itself
 */

/** Fresh tokens that are refused one after the other: then it is not their age. */
const MOST_REFUSED = 3;

/** Ends that say it themselves. @type {Map<number, Why>} */
const ENDS = new Map(
  /** @type {[number, Why][]} */ ([
    [CLOSE.SESSION_REVOKED, "revoked"],
    [CLOSE.BANNED, "banned"],
    [CLOSE.IDENTITY_CHANGED, "identity"],
  ]),
);

export class Proof {
  constructor() {
    /** @type {Token} */
    this.token = "";
    /** How many in a row were refused. */
    this.refused = 0;
  }

  /** @param {Token} token */
  begin(token) {
    this.token = token;
    this.refused = 0;
  }

  forget() {
    this.begin("");
  }

  accepted() {
    this.refused = 0;
  }

  /** What gets a fresh token, where there is such. @returns {Fresh | null} */
  get fresh() {
    return typeof this.token === "string" ? null : this.token;
  }

  /** The token was not good; whether another one may be. */
  mayTryAgain() {
    this.refused += 1;
    return this.fresh !== null && this.refused < MOST_REFUSED;
  }
}

/** Why an end of this code is for good, if the code says it. @param {number} code */
export const endOf = (code) => ENDS.get(code) ?? null;
