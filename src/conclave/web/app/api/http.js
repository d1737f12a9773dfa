/**
 * The server's HTTP interface as the page uses it: JSON there, JSON or a refusal back.
 *
 * A tab with a token of its own says so with each request and sends no cookie; else the
 * browser's session stands behind it, and what writes carries the session's CSRF token.
 */

import { asNumber, asText, isData } from "../../client/wire.js";

/** @import { Refusal } from "../../client/requests.js" */
/** @import { Data } from "../../client/wire.js" */
/** @typedef {{refusal: Refusal, data: Data, status: number} | {refusal: null, data: Data, status: number}} Answer */

/** Codes that the status alone tells, where a proxy answered and not the server. @type {Map<number, string>} */
const CODES = new Map([
  [400, "bad_request"],
  [401, "auth_required"],
  [403, "forbidden"],
  [404, "not_found"],
  [413, "too_long"],
  [429, "rate_limited"],
  [503, "unavailable"],
]);

export class Http {
  /** @param {{fetch: Window["fetch"], folder?: string}} given */
  constructor({ fetch, folder = "/api/v1/" }) {
    this.fetch = fetch;
    this.folder = folder;
    /** Of the browser's session; kept nowhere else. */
    this.csrf = "";
    /** The token of this tab, where it has one. */
    this.bearer = "";
  }

  /** @param {string} path @returns {Promise<Answer>} */
  get(path) {
    return this.ask("GET", path);
  }

  /** @param {string} path @param {object} [body] @returns {Promise<Answer>} */
  post(path, body = {}) {
    return this.ask("POST", path, body);
  }

  /** @param {string} path @param {object} body @returns {Promise<Answer>} */
  patch(path, body) {
    return this.ask("PATCH", path, body);
  }

  /** @param {string} path @param {object} body @returns {Promise<Answer>} */
  put(path, body) {
    return this.ask("PUT", path, body);
  }

  /** @param {string} path @returns {Promise<Answer>} */
  delete(path) {
    return this.ask("DELETE", path);
  }

  /** @param {string} method @param {string} path @param {object} [body] @returns {Promise<Answer>} */
  async ask(method, path, body) {
    return answerOf(await this.send(method, path, body));
  }

  /** The answer as it comes; null: the server was not reached. @param {string} method @param {string} path @param {object} [body] @param {AbortSignal} [signal] */
  async send(method, path, body, signal) {
    try {
      return await this.fetch.call(undefined, this.folder + path, {
        method,
        headers: this.#headers(method, body !== undefined),
        body: body === undefined ? undefined : JSON.stringify(body),
        credentials: this.bearer === "" ? "same-origin" : "omit",
        cache: "no-store",
        signal,
      });
    } catch {
      return null;
    }
  }

  /** @param {string} method @param {boolean} hasBody */
  #headers(method, hasBody) {
    /** @type {Record<string, string>} */
    const headers = { accept: "application/json" };
    if (hasBody) headers["content-type"] = "application/json";
    if (this.bearer !== "") headers.authorization = `Bearer ${this.bearer}`;
    else if (method !== "GET" && this.csrf !== "") headers["x-csrf-token"] = this.csrf;
    return headers;
  }
}

/** What *response* says. @param {Response | null} response @returns {Promise<Answer>} */
export async function answerOf(response) {
  if (response === null) return { refusal: { code: "connection_lost", message: "", retryAfterMs: null }, data: {}, status: 0 };
  const { ok, status, headers } = response;
  const read = await response.json().catch(() => ({}));
  const data = isData(read) ? read : {};
  if (ok) return { refusal: null, data, status };
  const seconds = Number(headers.get("retry-after") ?? "");
  const after = asNumber(data.retry_after_ms, seconds > 0 ? seconds * 1_000 : -1);
  const code = asText(data.code) || (CODES.get(status) ?? "internal");
  return { refusal: { code, message: asText(data.detail), retryAfterMs: after >= 0 ? after : null }, data, status };
}

/** What *data* holds a list of under *name*. @param {Data} data @param {string} name @returns {Data[]} */
export function listOf(data, name) {
  const list = data[name];
  return Array.isArray(list) ? list.filter(isData) : [];
}
