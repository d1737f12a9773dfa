/**
 * Which tab this is, and which others have gone, so that what they left is taken over.
 *
 * A tab has an id that a reload does not change. While it lives it holds a Web Lock of that
 * name: who waits for the lock learns of its end, however it ended. Where a browser has no
 * locks, which is so where pages come without https, a lease in localStorage stands in:
 * then a tab that is only frozen may be taken for gone, which the ids of requests make
 * harmless.
 */

/**
 * @typedef {object} Tabs   what a chest needs to know of tabs
 * @property {() => Promise<string>} begin             be a tab; returns its id
 * @property {(id: string) => Promise<void>} gone      resolves when that tab is no more
 * @property {(what: object) => void} tell             to the other tabs of the same person
 * @property {(hear: (what: unknown) => void) => void} listen
 * @property {() => void} forget   leave no trace of its id; it stays this tab until it is loaded again
 */

const KEY = "conclave.tab";
/** A tab that is loaded again comes back: brief absences are not absences. */
const GRACE_MS = 5_000;
/** On a reload the old page may still hold its lock for a moment; a copy of a tab holds it for long. */
const CLAIM_WITHIN_MS = 1_000;
/** Hidden tabs get a timer once a minute. */
const LEASE_MS = 90_000;
const LEASE_AGAIN_MS = 10_000;

/** @implements {Tabs} */
export class BrowserTabs {
  /**
   * @param {object} given
   * @param {string} given.name         tabs of the same name know each other
   * @param {() => string} given.makeId
   * @param {LockManager} [given.locks]
   * @param {Storage} given.tab         of this tab: it holds the id over a reload
   * @param {Storage} given.browser     of all tabs: it holds the leases where there are no locks
   * @param {typeof BroadcastChannel} [given.channel]
   */
  constructor({ name, makeId, locks, tab, browser, channel }) {
    this.name = name;
    this.makeId = makeId;
    this.tab = tab;
    this.life = locks === undefined ? new Leases(browser) : new Locks(locks);
    this.channel = channel === undefined ? null : new channel(`conclave ${name}`);
  }

  async begin() {
    const before = this.#id;
    const id = before !== "" && (await this.life.hold(before)) ? before : this.makeId();
    if (id !== before) await this.life.hold(id);
    this.#id = id;
    return id;
  }

  /** @param {string} id */
  async gone(id) {
    await this.life.free(id);
  }

  /** @param {object} what */
  tell(what) {
    this.channel?.postMessage(what);
  }

  /** @param {(what: unknown) => void} hear */
  listen(hear) {
    this.channel?.addEventListener("message", ({ data }) => hear(data));
  }

  forget() {
    this.#id = "";
  }

  get #id() {
    try {
      return this.tab.getItem(KEY) ?? "";
    } catch {
      return "";
    }
  }

  set #id(id) {
    try {
      if (id === "") this.tab.removeItem(KEY);
      else this.tab.setItem(KEY, id);
    } catch {
      // Forbidden: after a reload it is another tab, and takes over what this one left.
    }
  }
}

class Locks {
  /** @param {LockManager} locks */
  constructor(locks) {
    this.locks = locks;
  }

  /** Hold the lock of *id* as long as the page lives; false when somebody else does. @param {string} id @returns {Promise<boolean>} */
  hold(id) {
    return new Promise((resolve) => {
      const signal = AbortSignal.timeout(CLAIM_WITHIN_MS);
      const hold = () => {
        resolve(true);
        return new Promise(() => {});
      };
      this.locks.request(lockOf(id), { signal }, hold).catch(() => resolve(false));
    });
  }

  /** Wait until nobody holds the lock of *id*, at once or after the grace of a reload. @param {string} id */
  async free(id) {
    if (await this.#isFree(id)) return;
    do {
      await this.locks.request(lockOf(id), () => {});
      await pause(GRACE_MS);
    } while (!(await this.#isFree(id)));
  }

  /** @param {string} id @returns {Promise<boolean>} */
  #isFree(id) {
    return this.locks.request(lockOf(id), { ifAvailable: true }, (lock) => lock !== null);
  }
}

class Leases {
  /** @param {Storage} storage */
  constructor(storage) {
    this.storage = storage;
    this.id = "";
  }

  /** @param {string} id */
  async hold(id) {
    this.id = id;
    this.#renew();
    setInterval(() => this.#renew(), LEASE_AGAIN_MS);
    return true;
  }

  /** @param {string} id */
  async free(id) {
    while (this.#until(id) > Date.now()) await pause(LEASE_AGAIN_MS);
  }

  #renew() {
    try {
      this.storage.setItem(lockOf(this.id), String(Date.now() + LEASE_MS));
    } catch {
      // Without a lease others take over at once, under the same ids.
    }
  }

  /** @param {string} id */
  #until(id) {
    try {
      return Number(this.storage.getItem(lockOf(id)) ?? 0);
    } catch {
      return 0;
    }
  }
}

/** @param {string} id */
function lockOf(id) {
  return `${KEY}.${id}`;
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
