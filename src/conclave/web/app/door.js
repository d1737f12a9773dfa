/**
 * The door: how one comes to be signed in here, and goes. By a token that this tab keeps,
 * or by a session of the browser, whose cookie no script sees and whose sockets are let in
 * by tickets. What a link in the address brings is taken from it at once: it is a secret.
 */

import { linkIn } from "./route.js";
import { words } from "./words.js";

/** @import { Driver } from "../client/driver.js" */
/** @import { Http } from "./api/http.js" */
/** @import { Entered, Factor, LinkSeen, Wanted, Ways } from "./api/ways.js" */
/** @import { LinkKind } from "./route.js" */
/** @import { Keeping } from "./keeping.js" */
/**
 * @typedef {{kind: LinkKind, token: string, seen: LinkSeen | null}} Link   seen: what the server says of it, once it did
 * @typedef {{wanted: Wanted, shown: Factor}} Second
 */

/** Whether this browser has passkeys at all; only where pages come by https, or of this machine. */
export const hasPasskeys = () => globalThis.PublicKeyCredential !== undefined && isSecureContext;

export class Door {
  /** @param {{driver: Driver, keeping: Keeping, http: Http, ways: Ways, window: Window, demo: boolean, onChange: () => void}} given */
  constructor({ driver, keeping, http, ways, window, demo, onChange }) {
    this.driver = driver;
    this.keeping = keeping;
    this.http = http;
    this.ways = ways;
    this.window = window;
    this.onChange = onChange;
    /** What let one in here, as long as it is worth something. @type {"token" | "session" | null} */
    this.by = null;
    /** A session that is being ended: nobody comes in before. @type {Promise<void>} */
    this.ending = Promise.resolve();
    /** Whether the house is shown, with what is known of it. */
    this.entered = keeping.token !== "" || keeping.session !== "";
    /** What was typed into the token field, to be kept when it was refused. */
    this.tokenTyped = "";
    /** The other way in that the card shows: with a token instead of a password. */
    this.withToken = demo;
    /** Whether the card asks a guest for a name. */
    this.asGuestNow = false;
    /** What a provider that the browser comes back from has said no to. */
    this.notByProvider = "";
    /** What a second factor is asked for. @type {Second | null} */
    this.second = null;
    /** @type {Link | null} */
    this.link = null;
    http.bearer = keeping.token;
  }

  /** Whether the card is to be seen though one is in: a link makes or mends an account. */
  get busy() {
    return this.link !== null && this.link.kind !== "join";
  }

  /** The server let one in. */
  cameIn() {
    this.entered = true;
    this.tokenTyped = "";
  }

  /** Take a link from the address: whether there was one. */
  takeLink() {
    const { location, history } = this.window;
    const found = linkIn(location.hash);
    if (found === null) return false;
    history.replaceState(null, "", location.pathname + location.search);
    const link = { ...found, seen: null };
    this.link = link;
    this.onChange();
    // Links into rooms are for who is signed in: their socket knows them.
    if (link.kind !== "join") this.#look(link);
    return true;
  }

  /** @param {Link} link */
  #look(link) {
    this.ways.look(link.token).then((seen) => {
      if (this.link !== link) return;
      this.link = { ...link, seen };
      this.onChange();
    });
  }

  dropLink() {
    this.link = null;
    this.onChange();
  }

  /** Begin with what is kept: the token of this tab, else the browser's session. */
  begin() {
    this.takeLink();
    if (this.keeping.leaving) this.ending = this.#endSession();
    const { token, session } = this.keeping;
    if (token !== "") this.#goIn(token);
    else if (session !== "") this.#bySession(session);
    else this.onChange();
  }

  /** @param {string} token */
  signIn(token) {
    this.tokenTyped = token;
    this.keeping.token = token;
    this.#goIn(token);
  }

  /** @param {string} token */
  #goIn(token) {
    this.by = "token";
    this.http.bearer = token;
    this.driver.chest?.expect(this.keeping.owner);
    this.driver.act((client, now) => client.signIn(token, now));
  }

  // ── by a session of the browser: each returns what went wrong, "" if nothing ─────────

  /** @param {string} name @param {string} password */
  async byPassword(name, password) {
    await this.ending;
    return this.came(await this.ways.byPassword(name, password));
  }

  /** @param {string} code */
  async byCode(code) {
    const { second } = this;
    if (second === null) return "";
    const answer = second.shown === "recovery" ? { recovery: code } : { totp: code };
    return this.came(await this.ways.byFactor(second.wanted.pending, answer), words.door.wrongCode);
  }

  async byPasskey() {
    if (!hasPasskeys()) return words.door.noPasskeys;
    await this.ending;
    const wanted = this.second?.wanted;
    const { refusal, options } = wanted ? { refusal: null, options: wanted.passkey ?? {} } : await this.ways.askPasskey();
    if (refusal !== null) return words.door.refused(refusal);
    const { usePasskey } = await import("./passkeys.js");
    const passkey = await usePasskey(options);
    if (passkey === null) return words.door.passkeyStopped;
    const entered = wanted ? await this.ways.byFactor(wanted.pending, { passkey }) : await this.ways.byPasskey(passkey);
    return this.came(entered, words.door.wrongPasskey);
  }

  /** @param {{name?: string, display_name?: string, password: string}} account */
  async accept(account) {
    await this.ending;
    const entered = await this.ways.accept({ token: this.link?.token ?? "", ...account });
    if (entered.refusal === null && entered.user === "") this.link = null;
    return this.came(entered);
  }

  /** @param {string} name */
  async asGuest(name) {
    await this.ending;
    return this.came(await this.ways.asGuest(name));
  }

  /** Ask for another of the factors that are possible, or for none any more. @param {Factor | null} shown */
  ask(shown) {
    this.second = shown === null || this.second === null ? null : { ...this.second, shown };
    this.onChange();
  }

  /** @param {boolean} asGuest */
  enterAsGuest(asGuest) {
    this.asGuestNow = asGuest;
    this.onChange();
  }

  /** @param {boolean} withToken */
  choose(withToken) {
    this.withToken = withToken;
    this.onChange();
  }

  /** @param {Entered} entered @param {string} [wrong]   what is said of what is not good */
  came({ refusal, wanted, user }, wrong) {
    if (refusal !== null) return refusal.code === "auth_failed" && wrong !== undefined ? wrong : words.door.refused(refusal);
    const shown = wanted?.methods[0];
    if (wanted !== null && shown !== undefined) this.second = { wanted, shown };
    else if (user !== "") this.#bySession(user);
    this.onChange();
    return "";
  }

  /** The browser has a session: sockets get in by tickets. @param {string} user */
  #bySession(user) {
    this.second = null;
    this.asGuestNow = false;
    if (this.link?.kind !== "join") this.link = null;
    this.by = "session";
    this.keeping.leaving = false;
    this.keeping.token = "";
    this.keeping.session = user;
    this.http.bearer = "";
    this.driver.chest?.expect(user);
    this.driver.act((client, now) => client.signIn(() => this.ways.ticket(), now));
  }

  /** What one may is another now: the socket comes in anew. */
  renew() {
    this.ways.must = [];
    if (this.by === "session") this.#bySession(this.keeping.session);
  }

  // ── going ────────────────────────────────────────────────────────────────────────────

  /** The server ended it: what let one in is worth nothing. */
  ended() {
    if (this.by === "token") this.keeping.token = "";
    if (this.by === "session") this.keeping.session = "";
    this.by = null;
    this.http.bearer = "";
  }

  /** Where the server cannot be told, it is when the page is opened again. */
  async #endSession() {
    this.keeping.leaving = true;
    if (await this.ways.leave()) this.keeping.leaving = false;
  }

  /** Back to the card, with nothing lost that was written. */
  stepOut() {
    this.entered = false;
    this.second = null;
    this.onChange();
  }

  /** End the session at the server, if it is the browser's, and forget everything here. */
  leave() {
    if (this.by === "session") this.ending = this.#endSession();
    this.ended();
    this.entered = false;
    this.tokenTyped = "";
    this.second = null;
    this.driver.act((client) => client.signOut());
    this.keeping.forget();
  }
}
