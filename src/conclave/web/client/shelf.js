/**
 * Where a client keeps things in a browser: one IndexedDB for each server and user.
 *
 * A write is done when its transaction is complete, not before. Everything may fail here,
 * at any time: who calls goes on in memory then. The token is never given to it.
 */

import { asSeq } from "./wire.js";

/** @import { Kept } from "./items.js" */
/** @import { Write } from "./writebehind.js" */
/**
 * @typedef {Kept & {tab: string, order: number}} Row   order: in which they were written; two tabs may use the same
 * @typedef {{items: unknown[], rooms: unknown[], me: unknown, list: unknown}} Found   items with their `tab`, in order
 *
 * @typedef {object} Shelf   what a chest needs of one
 * @property {() => Promise<Found>} read
 * @property {(tab: string, write: Write) => Promise<void>} write   done when it is durable
 * @property {(from: string, to: string) => Promise<unknown[]>} adopt   what was *from*'s is *to*'s; at most one tab gets it
 * @property {() => Promise<void>} trim    forget the rooms: something needs their space
 * @property {() => Promise<void>} erase   forget everything
 * @property {() => void} close
 */

const VERSION = 1;
/** The oldest go. */
export const MOST_ROOMS = 50;
/** Some browsers never answer; what waits longer is as good as refused. */
const OPEN_WITHIN_MS = 5_000;

/** @implements {Shelf} */
export class BrowserShelf {
  /** @param {IDBFactory} factory @param {IDBDatabase} database */
  constructor(factory, database) {
    this.factory = factory;
    this.database = database;
    /** Where each request stands, and the next place. @type {Map<string, number>} */
    this.places = new Map();
    this.next = 1;
    /** Another tab erases, or a newer version wants in: they must not wait for us. */
    database.onversionchange = () => database.close();
  }

  /**
   * Open what is kept for *user* of the server at *url*. Throws where a browser will not.
   *
   * @param {IDBFactory} factory @param {string} url @param {string} user
   */
  static async open(factory, url, user) {
    const request = factory.open(nameOf(url, user), VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("items", { keyPath: "id" }).createIndex("tab", "tab");
      request.result.createObjectStore("rooms", { keyPath: "room" }).createIndex("at", "at");
      request.result.createObjectStore("facts");
    };
    return new BrowserShelf(factory, await opened(request));
  }

  /** @returns {Promise<Found>} */
  async read() {
    const transaction = this.database.transaction(["items", "rooms", "facts"]);
    const all = (/** @type {string} */ name) => answer(transaction.objectStore(name).getAll());
    const fact = (/** @type {string} */ name) => answer(transaction.objectStore("facts").get(name));
    const [items, rooms, me, list] = await Promise.all([all("items"), all("rooms"), fact("me"), fact("list")]);
    return { items: this.#placed(items), rooms, me, list };
  }

  /** @param {string} tab @param {Write} write */
  async write(tab, { items, settled, rooms, left, facts }) {
    // What a person believes to be safe must survive a power cut; the rest can be read again.
    const durability = items.length > 0 ? "strict" : "relaxed";
    const transaction = this.database.transaction(["items", "rooms", "facts"], "readwrite", { durability });
    const done = complete(transaction);
    const store = transaction.objectStore("items");
    for (const item of items) store.put({ ...item, tab, order: this.#place(item.id) });
    for (const id of settled) store.delete(id);
    const logs = transaction.objectStore("rooms");
    for (const record of rooms) logs.put(record);
    for (const room of left) logs.delete(room);
    for (const [name, value] of Object.entries(facts ?? {})) transaction.objectStore("facts").put(value, name);
    if (rooms.length > 0) dropOldest(logs);
    // A page that is being closed does not wait for anything: what was asked for is to be done.
    else transaction.commit();
    await done;
  }

  /** @param {string} from @param {string} to @returns {Promise<unknown[]>} */
  async adopt(from, to) {
    const transaction = this.database.transaction("items", "readwrite", { durability: "strict" });
    const done = complete(transaction);
    const store = transaction.objectStore("items");
    const rows = await answer(store.index("tab").getAll(from));
    for (const row of rows) store.put({ ...row, tab: to });
    await done;
    return this.#placed(rows);
  }

  async trim() {
    const transaction = this.database.transaction("rooms", "readwrite");
    transaction.objectStore("rooms").clear();
    await complete(transaction);
  }

  async erase() {
    const transaction = this.database.transaction(["items", "rooms", "facts"], "readwrite", { durability: "strict" });
    for (const name of ["items", "rooms", "facts"]) transaction.objectStore(name).clear();
    await complete(transaction);
    // Empty it tells nothing but a name; that goes too, once no other tab holds it open.
    this.close();
    this.factory.deleteDatabase(this.database.name);
  }

  close() {
    this.database.close();
  }

  /** @param {string} id */
  #place(id) {
    const place = this.places.get(id) ?? this.next;
    this.next = Math.max(this.next, place + 1);
    this.places.set(id, place);
    return place;
  }

  /** Rows in the order they were written, whose places stay theirs. @param {Row[]} rows */
  #placed(rows) {
    for (const { id, order } of rows) {
      const place = asSeq(order);
      this.places.set(id, place);
      this.next = Math.max(this.next, place + 1);
    }
    return rows.sort((a, b) => asSeq(a.order) - asSeq(b.order) || asSeq(a.at) - asSeq(b.at));
  }
}

/** @param {string} url @param {string} user */
function nameOf(url, user) {
  return `conclave ${url} ${user}`;
}

/** @param {IDBObjectStore} logs */
function dropOldest(logs) {
  const keys = logs.index("at").getAllKeys();
  keys.onsuccess = () => {
    for (const key of keys.result.slice(0, -MOST_ROOMS)) logs.delete(key);
  };
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @param {IDBTransaction} transaction @returns {Promise<void>} */
function complete(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new DOMException("", "AbortError"));
  });
}

/** @param {IDBOpenDBRequest} request @returns {Promise<IDBDatabase>} */
function opened(request) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      // Should it come yet, it must not stand in the way of others.
      request.onsuccess = () => request.result.close();
      reject(new DOMException("", "TimeoutError"));
    }, OPEN_WITHIN_MS);
    const answered = answer(request).finally(() => clearTimeout(timer));
    answered.then(resolve, reject);
  });
}
