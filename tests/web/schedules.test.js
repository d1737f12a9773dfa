/** What can happen in any order is tested in random orders: SEED=… repeats a failing run. */

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Outbox } from "../../src/conclave/web/client/outbox.js";
import { Reads } from "../../src/conclave/web/client/reads.js";
import { RoomLog } from "../../src/conclave/web/client/roomlog.js";
import { Unread } from "../../src/conclave/web/client/unread.js";
import { WriteBehind } from "../../src/conclave/web/client/writebehind.js";
import { closeAll, Disk } from "./cellar.js";
import { firstSeed, randomOf } from "./seeds.js";
import { World } from "./world.js";

/** @import { Tab } from "./world.js" */

const SCHEDULES = Number(process.env.SCHEDULES ?? 200);
const STEPS = 150;

afterEach(closeAll);

/** Run one schedule to its end; throws when something was lost, doubled or shown wrong. @param {number} seed */
async function run(seed) {
  const world = new World(randomOf(seed));
  for (let step = 0; step < STEPS; step += 1) await world.step();
  await world.settle();
  world.check();
  closeAll();
  return world;
}

test(`in ${SCHEDULES} random schedules nothing is lost, doubled or shown wrong`, async () => {
  let [breaks, deaths] = [0, 0];
  for (let seed = firstSeed; seed < firstSeed + SCHEDULES; seed += 1) {
    try {
      const world = await run(seed);
      breaks += world.breaks;
      deaths += world.deaths;
    } catch (error) {
      throw new Error(`SEED=${seed} SCHEDULES=1: ${error}`, { cause: error });
    }
  }
  assert.ok(SCHEDULES === 1 || (breaks > SCHEDULES && deaths > SCHEDULES), `hardly anything broke: ${breaks} ${deaths}`);
});

test("a world is not at rest while a tab is still taking over from a closed one", async () => {
  const world = new World(randomOf(firstSeed));
  const first = /** @type {Tab} */ (world.tabs[0]);
  world.open();
  await world.settle();
  world.break(first);
  world.say(first);
  await first.visit.follow();
  world.release();
  await first.visit.follow();
  await world.die(first);
  assert.equal(world.maybe.size, 0, "it was kept");
  world.release();
  assert.equal(world.quiet, false, "its disk is done, and it has not read what was left");
  await world.settle();
  assert.equal(world.quiet, true);
  world.check();
  closeAll();
});

/** What each planted bug breaks. @type {Record<string, () => () => void>} */
const bugs = {
  "known lines are taken again": () => plant(RoomLog.prototype, "hear", function (entry) {
    this.lines = [...this.lines, entry];
    this.upto = entry.seq;
    return "new";
  }),
  "missed entries are not kept": () => plant(RoomLog.prototype, "follow", function (page) {
    this.upto = page.upto;
    return [];
  }),
  "missed changes are not applied": () => plant(RoomLog.prototype, "follow", function (page) {
    const fresh = page.entries.filter((/** @type {any} */ entry) => entry.seq > this.upto);
    this.lines = [...this.lines, ...fresh.filter((/** @type {any} */ { type }) => type === "message")];
    this.upto = page.upto;
    this.uptoId = "";
    return fresh;
  }),
  "what was under way is forgotten when the connection breaks": () => plant(Outbox.prototype, "lose", function () {
    this.clear();
  }),
  "what was under way gets another id": () => plant(Outbox.prototype, "lose", function () {
    for (const item of [...this.items.values()].filter(({ state }) => state === "sent")) {
      this.items.delete(item.id);
      const id = this.makeId();
      this.items.set(id, { ...item, id, state: "waiting" });
      this.changes += 1;
    }
  }),
  "all of a room's messages are under way at once": () => plant(Outbox.prototype, "next", function (open, now) {
    const due = [...this.items.values()].filter((item) => item.state === "waiting" && open(item.room) && item.notBefore <= now);
    for (const item of due) this.items.set(item.id, { ...item, state: "sent", sentAt: now });
    return due;
  }),
  "what was kept gets another id": () => {
    const right = Outbox.prototype.restore;
    return plant(Outbox.prototype, "restore", function (kept, now) {
      right.call(this, kept.map((/** @type {any} */ item) => ({ ...item, id: this.makeId() })), now);
    });
  },
  "what a dead tab left is left": () => plant(Disk.prototype, "adopt", () => []),
  "two tabs take over the same": () => plant(Disk.prototype, "adopt", function (from) {
    return [...this.items.values()].filter((row) => row.tab === from).map((row) => ({ ...row, id: `${row.id}-${Math.random()}`.slice(0, 64) }));
  }),
  "what was only begun to be written counts as kept": () => {
    const right = WriteBehind.prototype.urgent;
    return plant(WriteBehind.prototype, "urgent", function () {
      const write = right.call(this);
      if (write !== null) this.done(write);
      return write;
    });
  },
  "what was deleted goes on counting": () => plant(Unread.prototype, "recount", () => true),
  "what was read is forgotten when the connection breaks": () => plant(Reads.prototype, "lose", function () {
    this.marks.clear();
  }),
};

/** Put *bug* in the place of a method; return what takes it out again. @param {any} prototype @param {string} name @param {(this: any, ...args: any[]) => unknown} bug */
function plant(prototype, name, bug) {
  const right = prototype[name];
  prototype[name] = bug;
  return () => {
    prototype[name] = right;
  };
}

for (const [name, plantIt] of Object.entries(bugs)) {
  test(`the schedules catch it when ${name}`, async () => {
    const takeOut = plantIt();
    let caught = 0;
    for (let seed = firstSeed; seed < firstSeed + 400 && caught === 0; seed += 1) {
      try {
        await run(seed);
      } catch {
        caught += 1;
      }
    }
    takeOut();
    assert.ok(caught > 0);
  });
}
