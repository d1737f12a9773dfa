/**
 * One person with up to two tabs of one browser, who writes, changes, reads, closes tabs
 * and opens others, while wires break and disks take their time.
 */

import assert from "node:assert/strict";
import { Cellar } from "./cellar.js";
import { Model } from "./model.js";

/** @import { Visit } from "./cellar.js" */
/** @import { Wire } from "./model.js" */
/** @typedef {{visit: Visit, wire: Wire}} Tab */

const EMOJI = ["👍", "❤"];

export class World {
  /** @param {() => number} random */
  constructor(random) {
    this.random = random;
    this.model = new Model(random);
    /** @type {Cellar} */
    this.cellar = new Cellar();
    this.cellar.held = [];
    /** @type {Tab[]} */
    this.tabs = [];
    /** Each text that was said, and the tab it was said in. @type {Map<string, string>} */
    this.said = new Map();
    /** Texts whose tab died before they were kept: they may be lost, not doubled. @type {Set<string>} */
    this.maybe = new Set();
    /** Some only read: whoever writes has read all before it. */
    this.reads = random() < 0.4;
    this.opened = 0;
    this.breaks = 0;
    this.deaths = 0;
    this.open();
  }

  /** @param {string} [again]   the tab that is loaded again */
  open(again) {
    this.opened += 1;
    const prefix = `v${this.opened}`;
    let ids = 0;
    /** @type {Visit} */
    const visit = this.cellar.visit({ tab: again ?? prefix, random: this.random, makeId: () => `${prefix}-${(ids += 1)}` });
    /** @type {Tab} */
    const tab = { visit, wire: this.model.connect() };
    this.tabs.push(tab);
    if (this.random() < 0.5) visit.chest.expect("user1");
    visit.client.signIn("token", visit.bench.now);
    visit.client.join("general");
    return tab;
  }

  async step() {
    const choice = this.random();
    const tab = this.#any(this.tabs);
    if (choice < 0.14) this.reads && this.random() < 0.95 ? this.#look(tab) : this.say(tab);
    else if (choice < 0.22) this.#change(tab);
    else if (choice < 0.36) this.#theirs();
    else if (choice < 0.56) this.model.serve(tab.wire);
    else if (choice < 0.8) this.#deliver(tab);
    else if (choice < 0.85) tab.visit.bench.pass(Math.floor(this.random() * 400));
    else if (choice < 0.88) this.#look(tab);
    else if (choice < 0.93) this.cellar.held?.shift()?.();
    else if (choice < 0.95) this.random() < 0.5 ? tab.visit.chest.flush() : tab.visit.chest.hurry();
    else if (choice < 0.975) this.break(tab);
    else if (choice < 0.99) await this.die(tab);
    else if (this.tabs.length < 2) this.open();
    this.#carry();
    for (const one of this.tabs) await one.visit.follow();
  }

  /** Everything that is under way arrives, every disk is done. */
  async settle() {
    for (const { visit } of this.tabs) visit.client.lookAway();
    for (let turn = 0; turn < 400 && !this.quiet; turn += 1) {
      this.release();
      for (const tab of this.tabs) {
        for (let n = 0; n < 30; n += 1) {
          this.#carry();
          this.model.serve(tab.wire);
          this.#deliver(tab);
        }
        tab.visit.bench.pass(700);
        await tab.visit.follow();
      }
    }
  }

  /** The disk does all that was begun. */
  release() {
    this.cellar.held?.splice(0).forEach((done) => done());
  }

  get quiet() {
    return this.tabs.every(({ visit, wire }) => {
      const { client, bench } = visit;
      // Who is taking over what a tab left has it to send yet.
      if (visit.chest.busy) return false;
      const still = bench.frames.length === 0 && wire.toServer.length + wire.toClient.length + client.outbox.items.size === 0;
      return still && client.rooms.get("general")?.attached === true && client.reckoning.due === Infinity && this.cellar.held?.length === 0;
    });
  }

  check() {
    this.#checkSaid();
    for (const { visit } of this.tabs) this.#checkShown(visit);
  }

  #checkSaid() {
    const mine = this.model.log.filter(({ type, user_id }) => type === "message" && user_id === "user1").map(({ text }) => text);
    assert.equal(new Set(mine).size, mine.length, `said twice: ${mine}`);
    for (const text of this.said.keys()) assert.ok(mine.includes(text) || this.maybe.has(text), `${text} is lost: ${mine}`);
    for (const tab of new Set(this.said.values())) {
      const ofTab = mine.filter((text) => this.said.get(text) === tab).map((text) => Number(text.split(" ")[1]));
      assert.deepEqual(ofTab, [...ofTab].sort((a, b) => a - b), "out of order");
    }
  }

  /** @param {Visit} visit */
  #checkShown({ client, bench }) {
    const lines = client.linesOf("general");
    const first = lines[0]?.seq ?? 1;
    const shown = lines.map(({ seq, text, deleted, reactions }) => {
      const gave = reactions.flatMap(({ emoji, users }) => users.map((user) => `${emoji} ${user}`));
      return { seq, text: deleted ? null : text, reactions: gave.sort() };
    });
    const expected = this.model.messages.filter((seq) => seq >= first).map((seq) => this.model.asNow(seq));
    assert.deepEqual(shown, expected, "what is shown is not what is");
    for (const { reactions } of lines) for (const one of reactions) assert.deepEqual([one.count, one.me], [one.users.length, one.users.includes("user1")]);
    assert.equal(client.outbox.items.size, 0, "something still waits");
    assert.equal(client.unread.of("general"), this.model.unread, "another number is unread");
    const news = bench.news.map((entry) => entry.seq);
    assert.deepEqual(news, [...new Set(news)].sort((a, b) => a - b), "told twice or out of order");
  }

  /** @param {Tab} tab */
  say({ visit }) {
    const text = `mine ${this.said.size + 1}`;
    this.said.set(text, visit.tab);
    visit.client.say("general", text, visit.bench.now);
  }

  /** @param {Tab} tab */
  #look({ visit }) {
    if (this.random() < 0.3) visit.client.look("general");
    else visit.client.lookAway();
  }

  /** @param {Tab} tab */
  #change({ visit }) {
    const { client, bench } = visit;
    const lines = client.linesOf("general").filter(({ deleted }) => !deleted);
    const [any, own] = [this.#any(lines), this.#any(lines.filter(({ userId }) => userId === "user1"))];
    const choice = this.random();
    if (choice < 0.35 && any) client.react("general", any.seq, this.#any(EMOJI), bench.now);
    else if (choice < 0.6 && any) client.unreact("general", any.seq, this.#any(EMOJI), bench.now);
    // What was said must still be found at the end: others' words are changed, one's own answers are deleted by others.
    else if (own && choice < 0.8) client.edit("general", own.seq, own.text, bench.now);
  }

  #theirs() {
    const { model } = this;
    const theirs = model.messages.filter((seq) => model.log[seq - 1].user_id === "admin1" && model.asNow(seq).text !== null);
    const [target, any] = [this.#any(theirs), this.#any(model.messages)];
    const choice = this.random();
    if (choice < 0.2 && target) model.store("admin1", { type: "message:edited", target, text: `edited ${model.log.length}` });
    else if (choice < 0.35 && target) model.store("admin1", { type: "message:deleted", target });
    else if (choice < 0.5 && any && model.asNow(any).text !== null) model.store("admin1", { type: "reaction:added", target: any, emoji: this.#any(EMOJI) });
    else model.store("admin1", { type: "message", text: `theirs ${model.log.length}` });
  }

  /** @param {Tab} tab */
  #deliver({ visit, wire }) {
    const frame = wire.toClient.shift();
    if (frame !== undefined) visit.bench.hear(frame.type, frame.data, frame.id);
  }

  /** What the clients sent is on the wires; sockets that were opened are let in. */
  #carry() {
    for (const { visit, wire } of this.tabs) {
      wire.toServer.push(...visit.bench.sent());
      if (visit.bench.state.name !== "connecting") continue;
      visit.bench.letIn();
      wire.open = true;
      wire.toServer.push(...visit.bench.sent().filter((frame) => frame.type !== "auth"));
    }
  }

  /** @param {Tab} tab */
  break({ visit, wire }) {
    this.breaks += 1;
    visit.bench.sent();
    wire.lose();
    visit.bench.close(1006);
  }

  /** A tab is closed or loaded again; what was not kept may be lost. @param {Tab} tab */
  async die(tab) {
    this.deaths += 1;
    const { visit, wire } = tab;
    for (const { id, text } of visit.client.outbox.items.values()) {
      if (!visit.chest.behind.items.has(id)) this.maybe.add(text);
    }
    this.model.wires.delete(wire);
    this.tabs.splice(this.tabs.indexOf(tab), 1);
    await visit.die();
    if (this.tabs.length === 0) this.open(this.random() < 0.5 ? visit.tab : undefined);
  }

  /** @template T @param {T[]} list @returns {T} */
  #any(list) {
    return /** @type {T} */ (list[Math.floor(this.random() * list.length)]);
  }
}
