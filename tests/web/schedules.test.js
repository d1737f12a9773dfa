/** What can happen in any order is tested in random orders: SEED=… repeats a failing run. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox } from "../../src/conclave/web/client/outbox.js";
import { RoomLog } from "../../src/conclave/web/client/roomlog.js";
import { Bench } from "./bench.js";
import { Model } from "./model.js";
import { firstSeed, randomOf } from "./seeds.js";

const SCHEDULES = Number(process.env.SCHEDULES ?? 1_500);
const STEPS = 120;

/** One client, one model of a server, one wire that breaks. */
class World {
  /** @param {number} seed */
  constructor(seed) {
    this.random = randomOf(seed);
    this.bench = new Bench({ random: this.random });
    this.model = new Model(this.random);
    this.said = 0;
    this.breaks = 0;
    this.bench.client.signIn("token", this.bench.now);
    this.bench.client.join("general");
  }

  step() {
    const choice = this.random();
    if (choice < 0.18) this.say();
    else if (choice < 0.36) this.model.store("admin1", `theirs ${this.model.log.length}`, null);
    else if (choice < 0.6) this.model.serve();
    else if (choice < 0.88) this.deliver();
    else if (choice < 0.95) this.bench.pass(Math.floor(this.random() * 400));
    else this.break();
    this.carry();
  }

  say() {
    this.said += 1;
    this.bench.client.say("general", `mine ${this.said}`, this.bench.now);
  }

  /** What the client sent is on the wire; a socket that was opened is let in. */
  carry() {
    this.model.toServer.push(...this.bench.sent());
    if (this.bench.state.name === "connecting") {
      this.bench.letIn();
      this.model.toServer.push(...this.bench.sent().filter((frame) => frame.type !== "auth"));
    }
  }

  deliver() {
    const frame = this.model.toClient.shift();
    if (frame !== undefined) this.bench.hear(frame.type, frame.data, frame.id);
  }

  break() {
    this.breaks += 1;
    this.bench.sent();
    this.model.lose();
    this.bench.close(1006);
  }

  /** Everything that is under way arrives. */
  settle() {
    for (let turn = 0; turn < 2_000; turn += 1) {
      this.carry();
      this.model.serve();
      this.deliver();
      if (turn % 20 === 0) this.bench.pass(500);
    }
  }
}

/** @param {World} world */
function check(world) {
  const { bench, model } = world;
  const lines = bench.client.rooms.get("general")?.log.lines ?? [];
  const shown = lines.map((line) => line.seq);
  const first = shown[0] ?? 1;
  assert.deepEqual(shown, model.log.slice(first - 1).map((entry) => entry.seq), "a hole or a double");
  assert.deepEqual(lines.map((line) => line.text), model.log.slice(first - 1).map((entry) => entry.text));
  const mine = model.log.filter((entry) => entry.user_id === "user1").map((entry) => entry.text);
  assert.deepEqual(mine, Array.from({ length: world.said }, (_, n) => `mine ${n + 1}`), "lost, doubled or out of order");
  assert.equal(bench.client.outbox.items.size, 0, "something still waits");
  const news = bench.news.map((entry) => entry.seq);
  assert.deepEqual(news, [...new Set(news)].sort((a, b) => a - b), "told twice or out of order");
}

/** Run one schedule to its end; throws when something was lost or doubled. @param {number} seed */
function run(seed) {
  const world = new World(seed);
  for (let step = 0; step < STEPS; step += 1) world.step();
  world.settle();
  check(world);
  return world;
}

test(`in ${SCHEDULES} random schedules nothing is lost, doubled or out of order`, () => {
  let breaks = 0;
  for (let seed = firstSeed; seed < firstSeed + SCHEDULES; seed += 1) {
    try {
      breaks += run(seed).breaks;
    } catch (error) {
      throw new Error(`SEED=${seed} SCHEDULES=1: ${error}`, { cause: error });
    }
  }
  assert.ok(breaks > SCHEDULES, "the wire hardly broke");
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
  "what was under way is forgotten when the connection breaks": () => plant(Outbox.prototype, "lose", function () {
    this.clear();
  }),
  "what was under way gets another id": () => plant(Outbox.prototype, "lose", function () {
    for (const item of [...this.items.values()].filter(({ state }) => state === "sent")) {
      this.items.delete(item.id);
      const id = this.makeId();
      this.items.set(id, { ...item, id, state: "waiting" });
    }
  }),
  "all of a room's messages are under way at once": () => plant(Outbox.prototype, "next", function (open, now) {
    const due = [...this.items.values()].filter((item) => item.state === "waiting" && open(item.room) && item.notBefore <= now);
    for (const item of due) this.items.set(item.id, { ...item, state: "sent", sentAt: now });
    return due;
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
  test(`the schedules catch it when ${name}`, () => {
    const takeOut = plantIt();
    let caught = 0;
    for (let seed = firstSeed; seed < firstSeed + 60 && caught === 0; seed += 1) {
      try {
        run(seed);
      } catch {
        caught += 1;
      }
    }
    takeOut();
    assert.ok(caught > 0);
  });
}
