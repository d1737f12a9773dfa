/**
 * Keeps the files themselves until their message is stored, in an IndexedDB of their own: so a
 * reload loses none. Where a browser does not let it, they are in memory alone, and a reload
 * finds them lost, which is said then.
 */

/** What no tab came back for goes after so long. */
const KEPT_MS = 3 * 86_400_000;
const STORE = "files";

export class Drawer {
  /** @param {IDBFactory} factory @param {string} user @param {() => number} [wall] */
  constructor(factory, user, wall = () => Date.now()) {
    this.factory = factory;
    this.name = `conclave files ${user}`;
    this.wall = wall;
    /** @type {Promise<IDBDatabase> | null} */
    this.opening = null;
  }

  /** @param {string} key @param {Blob} file */
  async put(key, file) {
    await this.#do("readwrite", (store) => store.put({ key, file, at: this.wall() }));
  }

  /** The file *key*; null where it is not there, or nothing is. @param {string} key @returns {Promise<Blob | null>} */
  async get(key) {
    const row = await this.#do("readonly", (store) => store.get(key));
    const file = /** @type {{file?: unknown} | undefined} */ (row)?.file;
    return file instanceof Blob ? file : null;
  }

  /** @param {string} key */
  async remove(key) {
    await this.#do("readwrite", (store) => store.delete(key));
  }

  /** Forget all of this user's. */
  erase() {
    try {
      this.factory.deleteDatabase(this.name);
    } catch {
      // Forbidden: then nothing is there.
    }
  }

  /** @template T @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => IDBRequest<T>} what @returns {Promise<T | null>} */
  async #do(mode, what) {
    try {
      this.opening ??= this.#open();
      return await answer(what((await this.opening).transaction(STORE, mode).objectStore(STORE)));
    } catch {
      return null;
    }
  }

  async #open() {
    const request = this.factory.open(this.name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
    const database = await answer(request);
    database.onversionchange = () => database.close();
    this.#sweep(database);
    return database;
  }

  /** @param {IDBDatabase} database */
  #sweep(database) {
    const cursor = database.transaction(STORE, "readwrite").objectStore(STORE).openCursor();
    cursor.onsuccess = () => {
      if (cursor.result === null) return;
      if (!(cursor.result.value.at > this.wall() - KEPT_MS)) cursor.result.delete();
      cursor.result.continue();
    };
  }
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function answer(request) {
  return new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
}
