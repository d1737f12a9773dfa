/**
 * Ways in over HTTP: a password, a second factor, a passkey, a link, as a guest. What lets
 * somebody in makes a session of the browser, whose cookie no script sees.
 */

import { asText, isData } from "../../client/wire.js";

/** @import { Data } from "../../client/wire.js" */
/** @import { Refusal } from "../../client/requests.js" */
/** @import { Answer, Http } from "./http.js" */
/**
 * @typedef {"totp" | "recovery" | "passkey"} Factor
 * @typedef {object} Entered   what came of an attempt
 * @property {Refusal | null} refusal   why not; null when one is in, or nearly
 * @property {Wanted | null} wanted     what is asked for besides; null when one is in
 * @property {string} user              who one is now; "" when one is to sign in first
 * @typedef {{pending: string, methods: Factor[], passkey: Data | null}} Wanted
 *   passkey: what the browser is to ask its authenticator for
 * @typedef {{kind: string, role: string, user: string, room: string, code: string | null}} LinkSeen   code: why it is not good
 * @typedef {{token: string, password: string, name?: string, display_name?: string}} Accepted
 */

export class Ways {
  /** @param {Http} http */
  constructor(http) {
    this.http = http;
    /** Where the browser is sent. @type {(url: string) => void} */
    this.goOn = (url) => location.assign(url);
    /** What must be done before all else, such as setting up a second factor. @type {string[]} */
    this.must = [];
  }

  /** Who the browser is signed in as: a user's id, null when nobody is, undefined when it cannot be known now. */
  async who() {
    const answer = await this.http.get("me");
    if (answer.refusal === null) return this.taken(answer).user;
    return answer.status === 401 || answer.status === 403 ? null : undefined;
  }

  /** @param {string} name @param {string} password */
  async byPassword(name, password) {
    return this.taken(await this.http.post("sessions", { name, password }));
  }

  /** Answer what was asked for after the password. @param {string} pending @param {{totp: string} | {recovery: string} | {passkey: object}} answer */
  async byFactor(pending, answer) {
    return this.taken(await this.http.post("sessions/factor", { pending, ...answer }));
  }

  /** What the browser is to ask any authenticator for. */
  async askPasskey() {
    const { refusal, data } = await this.http.post("sessions/passkey/challenge");
    return { refusal, options: isData(data.options) ? data.options : {} };
  }

  /** @param {object} passkey what the authenticator answered */
  async byPasskey(passkey) {
    return this.taken(await this.http.post("sessions/passkey", { passkey }));
  }

  /** What a link is for. @param {string} token @returns {Promise<LinkSeen>} */
  async look(token) {
    const { refusal, data } = await this.http.post("links/look", { token });
    const { kind, role, user, room } = data;
    return { kind: asText(kind), role: asText(role), user: asText(user), room: asText(room), code: refusal?.code ?? null };
  }

  /** Make the account that a link is for, or give one its new password. @param {Accepted} accepted */
  async accept(accepted) {
    return this.taken(await this.http.post("links/accept", accepted));
  }

  /** @param {string} name */
  async asGuest(name) {
    return this.taken(await this.http.post("guests", { display_name: name }));
  }

  /** A token for one socket: null when nobody is signed in any more. Rejects when it cannot be known. */
  async ticket() {
    if (this.http.csrf === "" && (await this.who()) === null) return null;
    const { refusal, data, status } = await this.http.post("tickets");
    if (refusal === null) return asText(data.ticket);
    if (status === 401) return null;
    // After another tab signed in anew the CSRF token is another one: it is asked for again.
    if (status === 403) this.http.csrf = "";
    throw new Error(refusal.code);
  }

  /** End the browser's session at the server: whether it is ended now, or was none. */
  async leave() {
    if (this.http.csrf === "" && (await this.who()) === null) return true;
    const { refusal, status, data } = await this.http.delete("sessions/current");
    this.http.csrf = "";
    // One goes out of the door of a provider, too.
    if (asText(data.url) !== "") this.goOn(asText(data.url));
    return refusal === null || status === 401;
  }

  /** What came of an attempt. @param {Answer} answer @returns {Entered} */
  taken({ refusal, data }) {
    const user = isData(data.user) ? asText(data.user.id) : "";
    if (typeof data.csrf === "string") this.http.csrf = data.csrf;
    this.must = Array.isArray(data.must) ? data.must.filter((one) => typeof one === "string") : [];
    return { refusal, wanted: wantedOf(data), user };
  }
}

/** @param {Data} data @returns {Wanted | null} */
function wantedOf({ pending, methods, passkey }) {
  if (typeof pending !== "string" || !Array.isArray(methods)) return null;
  const known = /** @type {Factor[]} */ (["totp", "passkey", "recovery"].filter((method) => methods.includes(method)));
  return { pending, methods: known, passkey: isData(passkey) ? passkey : null };
}
