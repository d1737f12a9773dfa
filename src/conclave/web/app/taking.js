/**
 * All that the server keeps of one, taken along as a file: asked for, read piece by piece, saved.
 *
 * It goes on while one does something else, and is thrown away if somebody else signs in meanwhile.
 */

import { answerOf } from "./api/http.js";

/** @import { Page } from "./page.js" */
/** @import { Http } from "./api/http.js" */
/** @import { Refusal } from "../client/requests.js" */
/** @typedef {"" | "asking" | "reading" | "saved" | "cut"} TakingState */

export const FILE = "conclave-data.jsonl";
/** What stands in the last line of a whole file, and how far from its end to look. */
const END = '"line":"end"';
const END_WITHIN = 200;
/** How long the browser may take to begin with what it was given to save. */
const SAVE_WITHIN = 60_000;

export class Taking {
  /** @param {Pick<Page, "http" | "client" | "window" | "changed">} page */
  constructor(page) {
    this.page = page;
    /** @type {TakingState} */
    this.state = "";
    this.done = 0;
    /** 0: not known. */
    this.size = 0;
    /** @type {AbortController | null} */
    this.stopping = null;
  }

  get busy() {
    return this.state === "asking" || this.state === "reading";
  }

  /** Ask for it: resolves once the server sends it, or with what it refuses. @param {string} password @returns {Promise<Refusal | null>} */
  async begin(password) {
    const stopping = new AbortController();
    this.stopping = stopping;
    this.#become("asking");
    const response = await this.page.http.send("POST", "me/export", { password }, stopping.signal);
    if (response?.ok && response.body !== null) {
      void this.#read(response, response.body, this.page.client.me?.id ?? "");
      return null;
    }
    const stopped = stopping.signal.aborted;
    this.#become("");
    return stopped ? null : (await answerOf(response)).refusal;
  }

  stop() {
    this.stopping?.abort();
  }

  /** @param {Response} response @param {ReadableStream<Uint8Array<ArrayBuffer>>} body @param {string} user */
  async #read(response, body, user) {
    this.done = 0;
    this.size = Number(response.headers.get("content-length") ?? 0);
    this.#become("reading");
    try {
      // The browser keeps it, on the disk if it is long: no list of pieces stands in memory.
      const file = await new Response(body.pipeThrough(this.#counting())).blob();
      const last = await file.slice(Math.max(0, file.size - END_WITHIN)).text();
      const whole = last.includes(END);
      if (whole && this.page.client.me?.id === user) this.#save(file);
      this.#become(whole ? "saved" : "cut");
    } catch {
      this.#become(this.stopping?.signal.aborted ? "" : "cut");
    }
  }

  #counting() {
    /** @type {Transformer<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>} */
    const counter = {
      transform: (piece, on) => {
        this.done += piece.length;
        this.page.changed();
        on.enqueue(piece);
      },
    };
    return new TransformStream(counter);
  }

  /** @param {Blob} file */
  #save(file) {
    const { document } = this.page.window;
    const address = URL.createObjectURL(file);
    const link = Object.assign(document.createElement("a"), { href: address, download: FILE });
    link.click();
    this.page.window.setTimeout(() => URL.revokeObjectURL(address), SAVE_WITHIN);
  }

  /** @param {TakingState} state */
  #become(state) {
    this.state = state;
    this.page.changed();
  }
}
