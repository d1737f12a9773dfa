/**
 * What is about to be attached, for each place to write: files are sent as soon as they are
 * chosen and there is a connection, two at a time; what was sent with files that have not arrived
 * waits in a parcel. All of it outlives a reload of its tab.
 */

import { RETRYABLE } from "../../client/codes.js";
import { Files } from "../../client/files.js";
import { isData } from "../../client/wire.js";
import { Drawer } from "./drawer.js";
import { Filed } from "./filed.js";
import { follow, keptOf, readParcel } from "./parcels.js";
import { kindOf, sizeOf } from "./sizes.js";
import { attaching } from "./words.js";

/** @import { Page } from "../page.js" */
/** @import { Desk } from "../writing.js" */
/** @import { Parcel } from "./parcels.js" */

/** What one message takes. */
export const MOST_FILES = 10;
const AT_ONCE = 2;
const MOST_TRIES = 8;
/** After a broken connection, or where the server says no time. */
const OVER_MS = 600;
const AGAIN_AFTER_MS = 2_000;

/** @param {Desk} desk */
const keyOf = ({ room, thread }) => `${thread ?? ""}\n${room}`;

/** The API, as the page asks it. @param {Page} page @returns {Files} */
export const filesOf = ({ http }) => new Files({ url: http.folder, headers: () => headersOf(http) });

/** @param {Page["http"]} http @returns {Record<string, string>} */
const headersOf = ({ bearer, csrf }) => (bearer === "" ? { "x-csrf-token": csrf } : { authorization: `Bearer ${bearer}` });

export class Trays {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    this.files = filesOf(page);
    /** @type {Map<string, Filed[]>} */
    this.trays = new Map();
    /** @type {Parcel[]} */
    this.parcels = [];
    /** What was not taken, of which desk. */
    this.told = { desk: "", text: "" };
    /** Over which place to write files are held. @type {Desk | null} */
    this.dragging = null;
    this.timer = 0;
    this.user = page.of;
    this.drawer = new Drawer(page.window.indexedDB, page.of);
    this.begin();
  }

  /** Somebody else writes now, or the same after a reload: what their tab keeps is here again. */
  begin() {
    this.user = this.page.of;
    this.drawer = new Drawer(this.page.window.indexedDB, this.user);
    this.stop();
    const kept = this.page.keeping.files;
    for (const [key, files] of isData(kept) && Array.isArray(kept.trays) ? kept.trays : []) {
      this.trays.set(String(key), (Array.isArray(files) ? files : []).map((one) => Filed.read(one)).filter((one) => one !== null));
    }
    this.parcels = (isData(kept) && Array.isArray(kept.parcels) ? kept.parcels : []).map(readParcel).filter((one) => one !== null);
    void Promise.all(this.#all.map(async (filed) => this.#show(filed, await this.drawer.get(filed.key)))).then(() => this.#changed());
  }

  /** Forget everything here; what lies on the disk is another's to forget. */
  stop() {
    for (const filed of this.#all) this.#let(filed);
    this.trays = new Map();
    this.parcels = [];
  }

  // ── what there is ────────────────────────────────────────────────────────────────────

  get #all() {
    return [...[...this.trays.values()].flat(), ...this.parcels.flatMap(({ files }) => files)];
  }

  /** @param {Desk} desk */
  of(desk) {
    return this.trays.get(keyOf(desk)) ?? [];
  }

  /** Whether a message from *desk* has something besides its text; what failed is not sent. @param {Desk} desk */
  has(desk) {
    return this.of(desk).length > 0;
  }

  /** What waits for its files. @param {Desk} desk */
  parcelsOf(desk) {
    return this.parcels.filter((one) => !one.said && keyOf(one.desk) === keyOf(desk));
  }

  /** @param {Desk} desk */
  toldAt(desk) {
    return this.told.desk === keyOf(desk) ? this.told.text : "";
  }

  // ── what a person does ───────────────────────────────────────────────────────────────

  /** Add what was picked, pasted or dropped; none: they are still held over the page. @param {Desk} desk @param {File[]} files */
  add(desk, files) {
    this.#over(files.length === 0 ? desk : null);
    if (files.length > 0) this.#add(desk, files);
  }

  /** @param {Desk | null} desk */
  #over(desk) {
    this.page.window.clearTimeout(this.timer);
    // Nobody says that they were taken elsewhere: one is told again and again while they are here.
    if (desk !== null) this.timer = this.page.window.setTimeout(() => this.#over(null), OVER_MS);
    if (desk?.room === this.dragging?.room && desk?.thread === this.dragging?.thread) return;
    this.dragging = desk;
    this.page.changed();
  }

  /** @param {Desk} desk @param {File[]} files */
  #add(desk, files) {
    const most = this.page.client.limits.attachmentBytes;
    const before = this.of(desk);
    const taken = files.slice(0, MOST_FILES - before.length);
    this.#tell(desk, most === 0 ? attaching.off : taken.length < files.length ? attaching.tooMany(MOST_FILES) : attaching.added(taken.length), most === 0 || taken.length < files.length);
    if (most === 0) return this.page.changed();
    this.trays.set(keyOf(desk), [...before, ...taken.map((file) => this.#filed(desk, file, most))]);
    this.#changed();
  }

  /** @param {Desk} desk @param {File} file @param {number} most */
  #filed({ room }, file, most) {
    const filed = new Filed({ key: this.page.client.outbox.makeId(), room, name: file.name || "file", type: file.type, size: file.size }, file);
    this.#show(filed, file);
    void this.drawer.put(filed.key, file);
    if (file.size > most) Object.assign(filed, { state: "failed", code: "too_large" });
    return filed;
  }

  /** @param {Filed} filed @param {Blob | null} file */
  #show(filed, file) {
    filed.found(file);
    if (file !== null && kindOf(filed.type) === "image") filed.preview ??= URL.createObjectURL(file);
  }

  /** @param {Filed} filed @param {string} alt */
  describe(filed, alt) {
    filed.alt = alt;
    this.#changed();
  }

  /** @param {Filed} filed */
  retry(filed) {
    filed.anew();
    this.#changed();
  }

  /** Take *filed* out of its tray, or its parcel; what went of it is taken back. @param {Filed} filed */
  remove(filed) {
    this.#let(filed);
    if (filed.attached !== null) this.files.withdraw(filed.attached.id).catch(() => {});
    void this.drawer.remove(filed.key);
    const without = (/** @type {Filed[]} */ files) => files.filter((one) => one !== filed);
    for (const [key, files] of this.trays) this.trays.set(key, without(files));
    for (const parcel of this.parcels) parcel.files = without(parcel.files);
    for (const parcel of this.parcels) if (parcel.files.length === 0) this.takeBack(parcel);
    this.told = { desk: "", text: "" };
    this.#changed();
  }

  /** @param {Filed} filed */
  #let(filed) {
    filed.ended?.abort();
    filed.ended = null;
    if (filed.preview !== null) URL.revokeObjectURL(filed.preview);
    filed.preview = null;
  }

  /** Send *text* with what is in the tray of *desk*: what was refused stays there. @param {Desk} desk @param {string} text @param {string[]} mentions */
  send(desk, text, mentions) {
    const files = this.of(desk);
    if (files.some(({ state }) => state === "failed" || state === "lost")) return this.#refuse(desk, files);
    const { writing } = this.page;
    this.parcels.push({ id: this.page.client.outbox.makeId(), desk, text, replyTo: writing.answerOf(desk), mentions, files, said: false, again: false });
    this.trays.delete(keyOf(desk));
    this.told = { desk: "", text: "" };
    writing.answer(desk, null);
    writing.write(desk, "");
    this.#changed();
    return true;
  }

  /** @param {Desk} desk @param {Filed[]} files */
  #refuse(desk, files) {
    const first = files.find(({ state }) => state === "failed" || state === "lost");
    this.#tell(desk, first === undefined ? "" : `${first.name}: ${this.said(first)}`, true);
    return true;
  }

  /** Why *filed* does not go. @param {Filed} filed */
  said({ state, code }) {
    if (state === "lost") return attaching.lost;
    return code === "too_large" ? attaching.tooLarge(sizeOf(this.page.client.limits.attachmentBytes)) : attaching.refused(code);
  }

  /** Put what waits back into the field: nothing of it was sent. @param {Parcel} parcel */
  takeBack(parcel) {
    const { desk, text, files } = parcel;
    this.parcels = this.parcels.filter((one) => one !== parcel);
    this.trays.set(keyOf(desk), [...files, ...this.of(desk)].slice(0, MOST_FILES));
    const written = [text, this.page.writing.textOf(desk)].filter((part) => part !== "").join("\n");
    this.page.writing.write(desk, written);
    this.#changed();
  }

  /** @param {Desk} desk @param {string} text @param {boolean} shown */
  #tell(desk, text, shown) {
    this.told = shown ? { desk: keyOf(desk), text } : { desk: "", text: "" };
    if (!shown) this.page.voice.tell(text);
  }

  // ── what follows ─────────────────────────────────────────────────────────────────────

  /** Called after each change of the client. */
  follow() {
    if (this.user !== this.page.of) return;
    const now = Date.now();
    const over = this.parcels.filter((parcel) => follow(this.page, parcel, now));
    if (over.length > 0) this.#stored(over);
    this.#upload(now);
  }

  /** @param {Parcel[]} over */
  #stored(over) {
    this.parcels = this.parcels.filter((one) => !over.includes(one));
    for (const filed of over.flatMap(({ files }) => files)) {
      this.#let(filed);
      void this.drawer.remove(filed.key);
    }
    this.#keep();
  }

  /** @param {number} now */
  #upload(now) {
    const { client } = this.page;
    if (!client.connection.ready) return;
    let free = AT_ONCE - this.#all.filter(({ state }) => state === "sending").length;
    for (const filed of this.#all) {
      const due = filed.state === "waiting" && filed.after <= now && filed.file !== null && client.isIn(filed.room);
      if (due && free-- > 0) void this.#send(filed, /** @type {Blob} */ (filed.file));
    }
  }

  /** @param {Filed} filed @param {Blob} file */
  async #send(filed, file) {
    const ended = new AbortController();
    Object.assign(filed, { state: "sending", done: 0, ended });
    const onProgress = (/** @type {number} */ done) => {
      filed.done = done;
      this.page.onSoon();
    };
    try {
      const attached = await this.files.send(filed.room, file, { name: filed.name, onProgress, signal: ended.signal });
      Object.assign(filed, { state: "sent", attached, at: Date.now(), code: "" });
    } catch (error) {
      // Taken out meanwhile: nobody waits for it.
      if (ended.signal.aborted) return;
      this.#failed(filed, error);
    }
    this.#changed();
  }

  /** @param {Filed} filed @param {unknown} error */
  #failed(filed, error) {
    const code = isData(error) && typeof error.code === "string" ? error.code : "internal";
    filed.tries += 1;
    const lost = code === "connection_lost";
    if (!lost && (!RETRYABLE.has(code) || filed.tries >= MOST_TRIES)) return void Object.assign(filed, { state: "failed", code });
    const wait = isData(error) && typeof error.retryAfterMs === "number" ? error.retryAfterMs : AGAIN_AFTER_MS;
    Object.assign(filed, { state: "waiting", done: 0, after: Date.now() + wait });
    this.page.window.setTimeout(() => this.follow(), wait + 1);
  }

  #changed() {
    this.#keep();
    this.follow();
    this.page.changed();
  }

  #keep() {
    const trays = [...this.trays].filter(([, files]) => files.length > 0).map(([key, files]) => [key, files.map(({ kept }) => kept)]);
    const parcels = this.parcels.map(keptOf);
    this.page.keeping.files = trays.length + parcels.length === 0 ? null : { trays, parcels };
  }
}
