/**
 * Keeps what a client has over reloads, closed tabs and broken browsers: what was written
 * and is not stored, the rooms as they were seen last, the list.
 *
 * It writes behind: nothing waits for a disk, neither a person nor a message on its way. A
 * request counts as kept once its transaction is complete; `unkept` says how many are not.
 * Each request belongs to the tab it was written in, which alone sends it; when that tab is
 * gone, one of the others takes it over. Where a browser does not let it keep things, it
 * says so, and all goes on in memory.
 */

import { readKept } from "./items.js";
import { readList, readMe, readRoom } from "./kept.js";
import { isData } from "./wire.js";
import { WriteBehind } from "./writebehind.js";

/** @import { Driver } from "./driver.js" */
/** @import { Kept } from "./items.js" */
/** @import { Found, Shelf } from "./shelf.js" */
/** @import { Tabs } from "./tabs.js" */
/** @import { Write } from "./writebehind.js" */
/**
 * @typedef {{where: "opening" | "disk" | "memory", why: string | null}} Keeps
 *   why: the name of what went wrong, such as QuotaExceededError
 */

/** Rooms are written this long after they changed: they can be read again from the server. */
const ROOMS_AFTER_MS = 2_000;
/** After a failure it is tried again this much later. */
const AGAIN_AFTER_MS = 30_000;
/** A disk that does not answer in time is none: what was written must not wait for it. */
const READ_WITHIN_MS = 5_000;

export class Chest {
  /**
   * @param {Driver} driver
   * @param {object} given
   * @param {(user: string) => Promise<Shelf>} given.open
   * @param {Tabs} given.tabs
   * @param {() => number} given.wall
   */
  constructor(driver, { open, tabs, wall }) {
    this.driver = driver;
    this.client = driver.client;
    this.open = open;
    this.tabs = tabs;
    this.behind = new WriteBehind(driver.client, wall);
    /** Whose things these are. */
    this.user = "";
    this.tab = "";
    /** @type {Shelf | null} */
    this.shelf = null;
    /** @type {string | null} */
    this.why = null;
    /** What is under way here, one after the other. @type {Promise<unknown>} */
    this.work = Promise.resolve();
    this.busy = false;
    /** The outbox as it was when it was looked at last. */
    this.seen = -1;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** When a disk that is read is given up. @type {ReturnType<typeof setTimeout> | undefined} */
    this.deadline = undefined;
    /** The next try to erase. @type {ReturnType<typeof setTimeout> | undefined} */
    this.eraser = undefined;
    /** Tabs whose end is waited for. @type {Set<string>} */
    this.watched = new Set();
    tabs.listen((what) => this.#told(what));
  }

  /** How many requests wait that would be lost with this tab. */
  get unkept() {
    return this.behind.unkept;
  }

  /** *user* was here before: show what was kept without waiting for a server to let them in. @param {string} user */
  expect(user) {
    if (this.user === "" && user !== "") this.#begin(user);
  }

  /** The client may have changed: keep what is new. Called by the driver. */
  follow() {
    const me = this.client.me?.id ?? "";
    if (me !== "" && me !== this.user) this.#begin(me);
    else if (me === "" && this.user !== "" && this.client.signedOut) this.#erase();
    else if (me === this.user && this.shelf !== null) this.#write();
    this.client.kept = this.#keeps();
  }

  /** @returns {Keeps} */
  #keeps() {
    if (this.shelf !== null) return { where: "disk", why: null };
    return { where: this.why === null && this.user !== "" ? "opening" : "memory", why: this.why };
  }

  /** The page may be gone soon: begin all writes now, also those that stand behind others. */
  hurry() {
    const write = this.behind.urgent();
    if (write !== null && this.shelf !== null) {
      for (const { id } of write.items) this.behind.begun.add(id);
      // Written twice it is the same; that it is kept is for the other one to say.
      this.shelf.write(this.tab, write).catch(() => {});
    }
    this.flush();
  }

  /** Write now what could wait. */
  flush() {
    if (this.shelf === null) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.#run(async () => this.#put(this.behind.leisurely()));
  }

  /** @param {string} user */
  #begin(user) {
    this.#end();
    this.user = user;
    this.#run(() => this.#open(user));
  }

  #end() {
    clearTimeout(this.timer);
    this.timer = undefined;
    const shelf = this.shelf;
    if (shelf !== null) this.#run(async () => shelf.close());
    this.shelf = null;
    this.why = null;
    this.user = "";
    this.behind.forget();
  }

  /** @param {string} user */
  async #open(user) {
    if (this.tab === "") this.tab = await this.tabs.begin();
    const shelf = await this.open(user);
    const found = await this.#inTime(shelf.read()).catch((error) => {
      shelf.close();
      throw error;
    });
    if (this.user !== user) return shelf.close();
    Object.assign(this, { shelf, why: null, seen: -1 });
    this.client.kept = this.#keeps();
    this.#furnish(found);
  }

  /** @template T @param {Promise<T>} what @returns {Promise<T>} */
  #inTime(what) {
    return new Promise((done, fail) => {
      const late = () => fail(new DOMException("The disk does not answer", "TimeoutError"));
      const deadline = setTimeout(late, READ_WITHIN_MS);
      this.deadline = deadline;
      what.then(done, fail).finally(() => clearTimeout(deadline));
    });
  }

  /** @param {Found} found */
  #furnish({ items, rooms, me, list }) {
    const own = items.filter((row) => isData(row) && row.tab === this.tab).map(readKept).filter((item) => item !== null);
    const known = { items: own, rooms: rooms.map(readRoom).filter((room) => room !== null), me: readMe(me), list: readList(list) };
    this.behind.found(own, known.rooms);
    this.driver.act((client, now) => client.remember(this.user, known, now));
    this.#watchAll(items);
  }

  /** @param {unknown[]} items */
  #watchAll(items) {
    for (const row of items) if (isData(row) && typeof row.tab === "string") this.#watch(row.tab);
  }

  /** Take over what *tab* leaves. @param {string} tab */
  #watch(tab) {
    if (tab === this.tab || this.watched.has(tab)) return;
    this.watched.add(tab);
    this.tabs.gone(tab).then(() => {
      this.watched.delete(tab);
      this.#run(() => this.#adopt(tab));
    });
  }

  /** @param {string} from */
  async #adopt(from) {
    const { shelf, user } = this;
    if (shelf === null) return;
    const items = (await shelf.adopt(from, this.tab)).map(readKept).filter((item) => item !== null);
    const { items: all } = await shelf.read();
    if (this.user !== user) return;
    // Another tab may have been quicker, and gone since.
    this.#watchAll(all);
    if (items.length === 0) return;
    this.behind.found(items, []);
    this.driver.act((client, now) => client.restore(items, now));
    this.tabs.tell({ user, tab: this.tab });
  }

  #write() {
    const { changes } = this.client.outbox;
    if (this.seen !== changes && !this.busy) {
      this.seen = changes;
      const write = this.behind.urgent();
      if (write !== null) this.#run(() => this.#put(write));
    }
    if (this.timer === undefined && this.behind.restless) this.timer = setTimeout(() => this.flush(), ROOMS_AFTER_MS);
  }

  /** @param {Write | null} write */
  async #put(write) {
    const { shelf } = this;
    if (write === null || shelf === null) return;
    await shelf.write(this.tab, write).catch(async (error) => {
      if (!isData(error) || error.name !== "QuotaExceededError") throw error;
      // What was written must be kept before what was read.
      await shelf.trim();
      await shelf.write(this.tab, { ...write, rooms: [] });
    });
    this.behind.done(write);
    if (write.items.length > 0) this.tabs.tell({ user: this.user, tab: this.tab });
  }

  #erase() {
    const { user } = this;
    this.#end();
    this.tabs.forget();
    this.#run(() => this.#empty(user));
  }

  /** Erase what *user* left, however long their disk refuses it. @param {string} user */
  async #empty(user) {
    try {
      const shelf = await this.open(user);
      await shelf.erase();
      this.tabs.tell({ user, erased: true });
    } catch {
      this.eraser = setTimeout(() => {
        // Who came in again has their things again.
        if (this.user !== user) this.#run(() => this.#empty(user));
      }, AGAIN_AFTER_MS);
    }
  }

  /** Another tab said something. @param {unknown} what */
  #told(what) {
    if (!isData(what) || what.user !== this.user || this.shelf === null) return;
    if (typeof what.tab === "string") this.#watch(what.tab);
    // It signed out; this one did not, and keeps its own again.
    if (what.erased === true) this.#again(0);
  }

  /** Do *what* after all that was begun before; a failure leaves things in memory. @param {() => Promise<void>} what */
  #run(what) {
    this.busy = true;
    const work = this.work.then(what).catch((error) => this.#failed(error));
    this.work = work;
    work.finally(() => {
      if (this.work !== work) return;
      this.busy = false;
      // What waited to know what was kept may go, and what changed meanwhile is written.
      this.client.kept = this.#keeps();
      this.driver.act((client, now) => client.flush(now));
    });
  }

  /** @param {unknown} error */
  #failed(error) {
    this.why = error instanceof Error || error instanceof DOMException ? error.name : "Error";
    this.#again(AGAIN_AFTER_MS);
  }

  /** Open it anew in a while. @param {number} ms */
  #again(ms) {
    this.shelf?.close();
    this.shelf = null;
    this.behind.forget();
    const { user } = this;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (user !== "" && this.user === user) this.#run(() => this.#open(user));
    }, ms);
  }
}
