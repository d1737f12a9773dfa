/** One's own account over HTTP: devices, password, second factors, tokens for programs. */

import { asNumber, asSeq, asText, isData } from "../../client/wire.js";
import { listOf } from "./http.js";

/** @import { Refusal } from "../../client/requests.js" */
/** @import { Data } from "../../client/wire.js" */
/** @import { Taking } from "../taking.js" */
/** @import { Answer, Http } from "./http.js" */
/**
 * @typedef {{hasPassword: boolean, totp: boolean, passkeys: number, recoveryCodes: number, must: string[]}} Account
 * @typedef {{id: string, createdAt: number, usedAt: number | null, address: string, agent: string, current: boolean}} Device
 * @typedef {{id: string, name: string, scopes: string[] | null, createdAt: number, usedAt: number | null, expiresAt: number | null}} Token
 * @typedef {{id: string, name: string, linkedAt: number | null}} LinkedProvider
 * @typedef {{id: string, name: string, createdAt: number, usedAt: number | null}} Passkey
 * @typedef {{secret: string, link: string, size: number, path: string}} Begun   of an authenticator app: the drawing is one path in a square
 */
/**
 * @template T
 * @typedef {{refusal: Refusal | null, found: T}} Told
 */

export class Own {
  /** @param {Http} http */
  constructor(http) {
    this.http = http;
    /** What one takes along of one's data: set by «Your data». @type {Taking | null} */
    this.taking = null;
  }

  /** @returns {Promise<Told<Account>>} */
  async account() {
    return told(await this.http.get("me"), ({ has_password, factors, must }) => {
      const have = isData(factors) ? factors : {};
      return {
        hasPassword: has_password === true,
        totp: have.totp === true,
        passkeys: asSeq(have.passkeys),
        recoveryCodes: asSeq(have.recovery_codes),
        must: Array.isArray(must) ? must.map((one) => asText(one)) : [],
      };
    });
  }

  /** All other devices are signed out: how many there were. @param {string} password @param {string} wanted @returns {Promise<Told<number>>} */
  async changePassword(password, wanted) {
    return told(await this.http.put("me/password", { password, new: wanted }), ({ revoked }) => asSeq(revoked));
  }

  /** @returns {Promise<Told<LinkedProvider[]>>} */
  async providers() {
    return told(await this.http.get("oidc"), (data) =>
      listOf(data, "providers").map((one) => ({ id: asText(one.id), name: asText(one.name), linkedAt: timeOf(one.linked_at) })),
    );
  }

  /** Where the browser goes to link the account; *password* says first that its owner is there. @param {string} provider @param {string} password */
  async link(provider, password) {
    const said = password === "" ? null : (await this.http.post("me/confirm", { password })).refusal;
    if (said !== null) return { refusal: said, url: "" };
    const { refusal, data } = await this.http.post(`oidc/${provider}/link`);
    return { refusal, url: asText(data.url) };
  }

  /** @param {string} provider */
  async unlink(provider) {
    return (await this.http.delete(`oidc/${provider}/link`)).refusal;
  }

  /** @returns {Promise<Told<Device[]>>} */
  async devices() {
    return told(await this.http.get("sessions"), (data) =>
      listOf(data, "sessions").map((one) => ({
        id: asText(one.id),
        createdAt: asNumber(one.created_at),
        usedAt: timeOf(one.last_used_at),
        address: asText(one.address),
        agent: asText(one.agent),
        current: one.current === true,
      })),
    );
  }

  /** @param {string} id */
  async endDevice(id) {
    return (await this.http.delete(`sessions/${encodeURIComponent(id)}`)).refusal;
  }

  async endOthers() {
    return (await this.http.delete("sessions")).refusal;
  }

  /** @returns {Promise<Told<Token[]>>} */
  async tokens() {
    return told(await this.http.get("tokens"), (data) => listOf(data, "tokens").map(tokenOf));
  }

  /** Its secret is answered this once. @param {{name: string, scopes: string[] | null, days: number | null, password: string}} wanted @returns {Promise<Told<string>>} */
  async makeToken(wanted) {
    return told(await this.http.post("tokens", wanted), ({ token }) => asText(token));
  }

  /** @param {string} id */
  async revokeToken(id) {
    return (await this.http.delete(`tokens/${encodeURIComponent(id)}`)).refusal;
  }

  /** @param {string} password @returns {Promise<Told<Begun>>} */
  async beginTotp(password) {
    return told(await this.http.post("me/totp", { password }), ({ secret, link, size, path }) => ({
      secret: asText(secret),
      link: asText(link),
      size: asSeq(size),
      path: asText(path),
    }));
  }

  /** The recovery codes, if they are new. @param {string} code */
  async confirmTotp(code) {
    return told(await this.http.post("me/totp/confirm", { code }), codesOf);
  }

  /** @param {string} password */
  async removeTotp(password) {
    return (await this.http.post("me/totp/remove", { password })).refusal;
  }

  /** @param {string} password */
  async renewRecovery(password) {
    return told(await this.http.post("me/recovery", { password }), codesOf);
  }

  /** @returns {Promise<Told<Passkey[]>>} */
  async passkeys() {
    return told(await this.http.get("me/passkeys"), (data) =>
      listOf(data, "passkeys").map((one) => ({
        id: asText(one.id),
        name: asText(one.name),
        createdAt: asNumber(one.created_at),
        usedAt: timeOf(one.last_used_at),
      })),
    );
  }

  /** What the browser is to make. @param {string} password @returns {Promise<Told<Data>>} */
  async askPasskey(password) {
    return told(await this.http.post("me/passkeys/challenge", { password }), ({ options }) => (isData(options) ? options : {}));
  }

  /** The recovery codes, if it is the first second factor. @param {string} name @param {object} passkey */
  async addPasskey(name, passkey) {
    return told(await this.http.post("me/passkeys", { name, passkey }), codesOf);
  }

  /** @param {string} id @param {string} password */
  async removePasskey(id, password) {
    return (await this.http.post(`me/passkeys/${encodeURIComponent(id)}/remove`, { password })).refusal;
  }
}

/** @template T @param {Answer} answer @param {(data: Data) => T} read @returns {Told<T>} */
const told = ({ refusal, data }, read) => ({ refusal, found: read(data) });

/** @param {Data} data @returns {string[]} */
const codesOf = ({ codes }) => (Array.isArray(codes) ? codes.filter((code) => typeof code === "string") : []);

/** @param {Data} one @returns {Token} */
function tokenOf(one) {
  return {
    id: asText(one.id),
    name: asText(one.name),
    scopes: Array.isArray(one.scopes) ? one.scopes.map((scope) => asText(scope)) : null,
    createdAt: asNumber(one.created_at),
    usedAt: timeOf(one.last_used_at),
    expiresAt: timeOf(one.expires_at),
  };
}

/** @param {unknown} value */
const timeOf = (value) => asNumber(value) || null;
