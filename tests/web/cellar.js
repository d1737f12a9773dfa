/**
 * A browser in small, for what is kept: one disk for all its tabs, which live and die, and
 * a person's visits in them. Writes can be held back, refused, or lost with their tab.
 */

import { Chest } from "../../src/conclave/web/client/chest.js";
import { MOST_ROOMS } from "../../src/conclave/web/client/shelf.js";
import { Bench, WALL } from "./bench.js";

/** @import { Write } from "../../src/conclave/web/client/writebehind.js" */
/** @import { Kept } from "../../src/conclave/web/client/items.js" */

/** What a transaction would have made: a copy, as a browser makes one. @template T @param {T} value @returns {T} */
const copy = (value) => structuredClone(value);

/** One user's database. */
export class Disk {
  constructor() {
    /** @type {Map<number, any>} */
    this.items = new Map();
    /** @type {Map<string, any>} */
    this.rooms = new Map();
    /** @type {Map<string, any>} */
    this.facts = new Map();
    this.last = 0;
  }

  /** @param {string} tab @param {Write} write */
  write(tab, { items, settled, rooms, left, facts }) {
    for (const item of items) this.#put({ ...item, tab });
    for (const id of settled) this.items.delete(this.#find(id) ?? 0);
    for (const record of rooms) this.rooms.set(record.room, copy(record));
    for (const room of left) this.rooms.delete(room);
    for (const [name, value] of Object.entries(facts ?? {})) this.facts.set(name, copy(value));
    const oldest = [...this.rooms.values()].sort((a, b) => a.at - b.at).slice(0, -MOST_ROOMS);
    for (const { room } of oldest) this.rooms.delete(room);
  }

  /** @param {string} from @param {string} to */
  adopt(from, to) {
    const rows = [...this.items.values()].filter((row) => row.tab === from);
    for (const row of rows) this.items.set(row.n, { ...row, tab: to });
    return rows;
  }

  clear() {
    for (const store of [this.items, this.rooms, this.facts]) store.clear();
  }

  /** @param {Kept & {tab: string}} row */
  #put(row) {
    const n = this.#find(row.id) ?? (this.last += 1);
    this.items.set(n, copy({ ...row, n }));
  }

  /** @param {string} id */
  #find(id) {
    return [...this.items.values()].find((row) => row.id === id)?.n;
  }
}

/** Those that are open. @type {Set<Cellar>} */
const cellars = new Set();

/** End all tabs of all browsers: no timer of theirs goes on. */
export function closeAll() {
  for (const cellar of cellars) for (const visit of cellar.visits) visit.end();
  cellars.clear();
}

/** All tabs of one browser. */
export class Cellar {
  constructor() {
    cellars.add(this);
    /** User → what is kept for them. @type {Map<string, Disk>} */
    this.disks = new Map();
    /** @type {Visit[]} */
    this.visits = [];
    /** What every write ends with, until it is taken away. @type {Error | null} */
    this.refusal = null;
    /** Writes that are under way while they are held back; else they are done at once. @type {(() => void)[] | null} */
    this.held = null;
  }

  /** @param {string} user */
  disk(user) {
    const disk = this.disks.get(user) ?? new Disk();
    this.disks.set(user, disk);
    return disk;
  }

  /** Open a tab. @param {ConstructorParameters<typeof Visit>[1]} [given] */
  visit(given) {
    const visit = new Visit(this, given);
    this.visits.push(visit);
    return visit;
  }
}

/** One tab, from its opening to its end. */
export class Visit {
  /** @param {Cellar} cellar @param {{tab?: string, random?: () => number, makeId?: () => string}} [given] */
  constructor(cellar, { tab = `tab-${cellar.visits.length + 1}`, random, makeId } = {}) {
    this.cellar = cellar;
    this.tab = tab;
    this.alive = true;
    /** @type {(() => void)[]} */
    this.mourners = [];
    /** @type {((what: unknown) => void)[]} */
    this.ears = [];
    this.bench = new Bench({ random });
    const ids = this.bench.client.outbox.makeId;
    const mine = makeId ?? (() => `${tab}-${ids()}`);
    this.bench.client.outbox.makeId = mine;
    this.bench.client.requests.makeId = mine;
    const act = (/** @type {Function} */ what) => this.#act(what);
    const driver = /** @type {any} */ ({ client: this.bench.client, act });
    const open = async (/** @type {string} */ user) => /** @type {any} */ (this.#shelf(cellar.disk(user)));
    this.chest = new Chest(driver, { open, tabs: this.#tabs(), wall: () => WALL + this.bench.now });
  }

  get client() {
    return this.bench.client;
  }

  /** What happened is followed, and what that began comes to its end. */
  async follow() {
    this.chest.follow();
    for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
  }

  /** @param {string} [user] */
  async letIn(user = "user1") {
    this.client.signIn("token", this.bench.now);
    this.bench.flush();
    this.bench.open();
    this.bench.hear("auth:response", { success: true, user: { id: user, name: user, role: "user" } });
    await this.follow();
  }

  async wrote() {
    this.chest.flush();
    await this.follow();
  }

  /** Nothing more of it is done. */
  end() {
    this.alive = false;
    for (const timer of [this.chest.timer, this.chest.eraser, this.chest.deadline]) clearTimeout(timer);
    this.chest.timer = undefined;
  }

  /** The tab is closed, or crashes, and the others learn of it. */
  async die() {
    this.end();
    for (const mourner of this.mourners) mourner();
    for (const visit of this.cellar.visits) if (visit.alive) await visit.follow();
  }

  /** @param {Function} what */
  #act(what) {
    if (!this.alive) return undefined;
    const result = what(this.bench.client, this.bench.now);
    this.chest.follow();
    return result;
  }

  /** @param {Disk} disk */
  #shelf(disk) {
    const done = (/** @type {() => any} */ what) => this.#transaction(what);
    return {
      read: () => done(() => ({ items: [...disk.items.values()], rooms: [...disk.rooms.values()], me: disk.facts.get("me"), list: disk.facts.get("list") })),
      write: (/** @type {string} */ tab, /** @type {Write} */ write) => done(() => disk.write(tab, copy(write))),
      adopt: (/** @type {string} */ from, /** @type {string} */ to) => done(() => disk.adopt(from, to)),
      trim: () => done(() => disk.rooms.clear()),
      erase: () => done(() => disk.clear()),
      close: () => {},
    };
  }

  /** Do *what* when it is let through; what a dead tab had begun may be done or not. @param {() => any} what */
  async #transaction(what) {
    const { cellar } = this;
    const never = new Promise(() => {});
    if (!this.alive) return never;
    if (cellar.held !== null) await new Promise((done) => cellar.held?.push(() => done(undefined)));
    if (cellar.refusal !== null) throw cellar.refusal;
    const result = copy(what());
    return this.alive ? result : never;
  }

  #tabs() {
    const { cellar } = this;
    return {
      begin: async () => this.tab,
      gone: (/** @type {string} */ id) => {
        const visit = cellar.visits.find((one) => one.tab === id && one.alive);
        if (visit === undefined) return Promise.resolve();
        return /** @type {Promise<void>} */ (new Promise((done) => visit.mourners.push(() => done())));
      },
      tell: (/** @type {object} */ what) => {
        for (const visit of cellar.visits) if (visit !== this && visit.alive) for (const ear of visit.ears) ear(what);
      },
      listen: (/** @type {(what: unknown) => void} */ hear) => void this.ears.push(hear),
      forget: () => {},
    };
  }
}
