/**
 * One file that somebody chose: from then until its message is stored. And what of it is kept in
 * the tab, which is read with mistrust: it can be changed by hand.
 */

import { asNumber, asText, attachedOf, isData } from "../../client/wire.js";

/** @import { Attached } from "../../client/wire.js" */
/** @typedef {"waiting" | "sending" | "sent" | "failed" | "lost"} State */

/** The server forgets after an hour what is in no message; it is sent anew well before. */
const FRESH_MS = 50 * 60_000;

export class Filed {
  /** @param {{key: string, room: string, name: string, type: string, size: number}} given @param {Blob | null} file */
  constructor({ key, room, name, type, size }, file) {
    this.key = key;
    this.room = room;
    this.name = name;
    this.type = type;
    this.size = size;
    this.file = file;
    this.alt = "";
    /** @type {State} */
    this.state = "waiting";
    this.code = "";
    /** Bytes that went. */
    this.done = 0;
    this.tries = 0;
    /** Not before this, in milliseconds since 1970. */
    this.after = 0;
    /** @type {Attached | null} */
    this.attached = null;
    /** When it arrived. */
    this.at = 0;
    /** @type {AbortController | null} */
    this.ended = null;
    /** What shows it here, if it is a picture. @type {string | null} */
    this.preview = null;
  }

  /** Whether a message may name it now; what arrived long ago has to be sent again. @param {number} now */
  isReady(now) {
    if (this.state !== "sent") return false;
    if (now - this.at < FRESH_MS) return true;
    this.anew();
    return false;
  }

  /** Forget that it arrived. */
  anew() {
    Object.assign(this, { attached: null, done: 0, tries: 0, after: 0, code: "", state: this.file === null ? "lost" : "waiting" });
  }

  /** Its file is *file*, or nowhere. @param {Blob | null} file */
  found(file) {
    this.file = file;
    if (file === null && this.attached === null) this.state = "lost";
    else if (this.state === "lost") this.state = "waiting";
  }

  /** What the tab keeps. */
  get kept() {
    const { key, room, name, type, size, alt, attached, at, code } = this;
    return { key, room, name, type, size, alt, attached, at, code };
  }

  /** What was kept, without its file yet; null for what is none. @param {unknown} value @returns {Filed | null} */
  static read(value) {
    if (!isData(value) || asText(value.key) === "" || asText(value.room) === "") return null;
    const filed = new Filed({ key: asText(value.key), room: asText(value.room), name: asText(value.name, "?"), type: asText(value.type), size: asNumber(value.size) }, null);
    const code = asText(value.code);
    const attached = attachedOf(value.attached);
    const state = attached !== null ? "sent" : code !== "" ? "failed" : "lost";
    return Object.assign(filed, { alt: asText(value.alt), at: asNumber(value.at), attached, code, state });
  }
}
