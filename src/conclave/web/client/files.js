/**
 * Files, over HTTP: sent for a room before a message names them, and fetched. Each call can
 * be ended by an `AbortSignal` and tells how far it has come. Nothing is tried again here.
 */

import { Refused } from "./refused.js";
import { LOST } from "./requests.js";
import { asNumber, asText, attachedOf, isData } from "./wire.js";

/** @import { Attached } from "./wire.js" */
/**
 * @typedef {(done: number, all: number) => void} Progress   bytes
 * @typedef {{name?: string, onProgress?: Progress, signal?: AbortSignal}} Sending
 * @typedef {{thumbnail?: boolean, onProgress?: Progress, signal?: AbortSignal}} Fetching
 * @typedef {() => Record<string, string> | Promise<Record<string, string>>} Headers
 * @typedef {{status: number, text: string, retryAfter: string | null}} Answered
 */

/** Codes that the status alone tells, where a proxy or the listener answered. */
const CODES = new Map([
  [401, "auth_required"],
  [403, "forbidden"],
  [404, "not_found"],
  [413, "too_large"],
  [429, "rate_limited"],
  [503, "unavailable"],
]);

export class Files {
  /**
   * @param {object} given
   * @param {string} given.url       of the API: `https://chat.example.org/api/v1/`
   * @param {Headers} given.headers  asked for each request: `authorization: Bearer …`
   */
  constructor({ url, headers }) {
    this.url = url;
    this.headers = headers;
  }

  /**
   * Send *file* for *room*: what comes back goes into `attachments` of a message, within an hour.
   * Rejects with `Refused`, or with an `AbortError`.
   *
   * @param {string} room @param {Blob} file @param {Sending} [sending] @returns {Promise<Attached>}
   */
  async send(room, file, { name, onProgress = () => {}, signal } = {}) {
    const called = name ?? ("name" in file ? String(file.name) : "file");
    const address = `${this.url}rooms/${encodeURIComponent(room)}/attachments?name=${encodeURIComponent(called)}`;
    const headers = { accept: "application/json", "content-type": file.type || "application/octet-stream", ...(await this.headers()) };
    const way = { headers, onProgress, signal };
    const answered = await (typeof XMLHttpRequest === "undefined" ? fetched : posted)(address, file, way);
    const attached = answered.status === 201 ? attachedOf(dataIn(answered.text)) : null;
    if (attached === null) throw refusedBy(answered);
    return attached;
  }

  /** The bytes of an attachment. @param {string} id @param {Fetching} [fetching] @returns {Promise<Blob>} */
  async fetch(id, { thumbnail = false, onProgress = () => {}, signal } = {}) {
    const response = await this.#ask("GET", `${id}${thumbnail ? "/thumbnail" : ""}`, signal);
    const all = Number(response.headers.get("content-length") ?? 0);
    /** @type {BlobPart[]} */
    const parts = [];
    let done = 0;
    const reader = response.body?.getReader();
    for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
      done += part.value.length;
      parts.push(part.value);
      onProgress(done, all);
    }
    return new Blob(parts, { type: response.headers.get("content-type") ?? "" });
  }

  /** Have gone what was sent and put into no message. @param {string} id */
  async withdraw(id) {
    await this.#ask("DELETE", id);
  }

  /** @param {string} method @param {string} path @param {AbortSignal} [signal] */
  async #ask(method, path, signal) {
    const headers = await this.headers();
    const response = await fetch(`${this.url}attachments/${path}`, { method, headers, credentials: credentialsOf(headers), signal }).catch((error) => {
      throw signal?.aborted ? error : new Refused(LOST);
    });
    if (!response.ok) throw refusedBy(await answeredBy(response));
    return response;
  }
}

/** @param {Record<string, string>} headers @returns {RequestCredentials} */
const credentialsOf = (headers) => ("authorization" in headers ? "omit" : "same-origin");

/** @param {Response} response @returns {Promise<Answered>} */
async function answeredBy(response) {
  return { status: response.status, text: await response.text(), retryAfter: response.headers.get("retry-after") };
}

/**
 * Where there is no XMLHttpRequest nobody says how far it has come: it is told at the end.
 *
 * @param {string} address @param {Blob} file @param {{headers: Record<string, string>, onProgress: Progress, signal: AbortSignal | undefined}} way
 */
async function fetched(address, file, { headers, onProgress, signal }) {
  const response = await fetch(address, { method: "POST", headers, body: file, signal }).catch((error) => {
    throw signal?.aborted ? error : new Refused(LOST);
  });
  onProgress(file.size, file.size);
  return answeredBy(response);
}

/**
 * `fetch` does not tell how far a body has come.
 *
 * @param {string} address @param {Blob} file @param {{headers: Record<string, string>, onProgress: Progress, signal: AbortSignal | undefined}} way
 * @returns {Promise<Answered>}
 */
function posted(address, file, { headers, onProgress, signal }) {
  return new Promise((done, fail) => {
    const aborted = () => fail(new DOMException("The upload was cancelled", "AbortError"));
    if (signal?.aborted) return aborted();
    const request = new XMLHttpRequest();
    request.open("POST", address);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => onProgress(loaded, file.size);
    request.onload = () => done({ status: request.status, text: request.responseText, retryAfter: request.getResponseHeader("retry-after") });
    request.onerror = () => fail(new Refused(LOST));
    request.onabort = aborted;
    signal?.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

/** @param {string} text */
function dataIn(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** @param {Answered} answered */
function refusedBy({ status, text, retryAfter }) {
  const read = dataIn(text);
  const data = isData(read) ? read : {};
  const seconds = Number(retryAfter ?? "");
  const after = asNumber(data.retry_after_ms, seconds > 0 ? seconds * 1_000 : -1);
  const code = asText(data.code) || (CODES.get(status) ?? "internal");
  return new Refused({ code, message: asText(data.detail), retryAfterMs: after >= 0 ? after : null });
}
