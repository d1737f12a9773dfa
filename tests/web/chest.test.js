/** What a client keeps over reloads and closed tabs, for whom, and what becomes of it. */

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { history, info, message, WALL } from "./bench.js";
import { Cellar, closeAll } from "./cellar.js";

/** @import { Visit } from "./cellar.js" */

afterEach(closeAll);

/** A person who wrote *texts* while the connection was broken. @param {Cellar} cellar @param {string[]} texts @param {object} [given] */
const offlineWith = async (cellar, texts, given) => {
  const visit = cellar.visit(given);
  await visit.letIn();
  visit.bench.close(1006);
  for (const text of texts) visit.client.say("general", text, visit.bench.now);
  await visit.follow();
  return visit;
};

/** @param {Visit} visit @param {string} [room] */
const pending = (visit, room = "general") => visit.client.outbox.of(room).map(({ text }) => text);

/** @param {Cellar} cellar @param {string} [user] */
const kept = (cellar, user = "user1") => [...cellar.disk(user).items.values()].map(({ text }) => text);

/** Send all that waits for *general*; return it. @param {Visit} visit */
const sent = async ({ bench }) => {
  const join = bench.one("join:room");
  bench.hear("history", history("general", [message("general", 1)]), join.id);
  const found = [];
  for (let seq = 2; ; seq += 1) {
    const [frame] = bench.sent("chat");
    if (frame === undefined) return found;
    found.push([frame.data.text, frame.id]);
    bench.hear("ack", { room: "general", seq }, frame.id);
    bench.hear("chat", message("general", seq, { user_id: "user1", client_id: frame.id, text: frame.data.text }));
  }
};

test("what was not sent is sent after a reload, under its ids, before what was written later", async () => {
  const cellar = new Cellar();
  const first = await offlineWith(cellar, ["1", "2"], { tab: "t" });
  const ids = [...first.client.outbox.items.keys()];
  await first.die();
  const again = cellar.visit({ tab: "t", makeId: () => "later" });
  again.client.say("general", "3", again.bench.now);
  await again.letIn();
  assert.deepEqual(pending(again), ["1", "2", "3"]);
  assert.deepEqual(await sent(again), [["1", ids[0]], ["2", ids[1]], ["3", "later"]]);
  await again.follow();
  assert.deepEqual(kept(cellar), []);
});

test("another tab of the same person sends what a closed one left, once", async () => {
  const cellar = new Cellar();
  const gone = await offlineWith(cellar, ["1", "2"]);
  const [other, third] = [cellar.visit(), cellar.visit()];
  await other.letIn();
  await third.letIn();
  assert.deepEqual([pending(other), pending(third)], [[], []], "while it lives it sends its own");
  await gone.die();
  await other.follow();
  assert.deepEqual([pending(other), pending(third)], [["1", "2"], []]);
  assert.equal((await sent(other)).length, 2);
  await other.follow();
  assert.deepEqual(kept(cellar), []);
});

test("what was taken over is taken over again", async () => {
  const cellar = new Cellar();
  const first = await offlineWith(cellar, ["1"]);
  const second = cellar.visit();
  await second.letIn();
  const third = cellar.visit();
  await third.letIn();
  await first.die();
  await second.die();
  await third.follow();
  assert.deepEqual(pending(third), ["1"]);
});

/** How far *dying* came with what *gone* left, when it was closed, too. @type {Record<string, (cellar: Cellar, dying: Visit) => Promise<void>>} */
const deaths = {
  "before its disk had begun": async (cellar, dying) => {
    await dying.die();
    cellar.held?.reverse();
  },
  "while its disk was at it": (_, dying) => dying.die(),
  "when its disk had it, and it did not know": async (cellar, dying) => {
    cellar.held?.shift()?.();
    await dying.die();
  },
  "when it had sent it, and was not answered": async (cellar, dying) => {
    await released(cellar, [dying]);
    dying.bench.hear("history", history("general", [message("general", 1)]), dying.bench.one("join:room").id);
    assert.equal(dying.bench.one("chat").data.text, "1");
    await dying.die();
  },
};

/** Let the disk of *cellar* do all that its *visits* want of it. @param {Cellar} cellar @param {Visit[]} visits */
const released = async (cellar, visits) => {
  while (cellar.held?.length) {
    for (const done of cellar.held.splice(0)) done();
    for (const visit of visits) await visit.follow();
  }
};

for (const [when, die] of Object.entries(deaths)) {
  test(`what a tab takes over as it dies is sent once by whoever is left: ${when}`, async () => {
    const cellar = new Cellar();
    const gone = await offlineWith(cellar, ["1"]);
    const [dying, left] = [cellar.visit(), cellar.visit()];
    await dying.letIn();
    await left.letIn();
    const ids = [...gone.client.outbox.items.keys()];
    cellar.held = [];
    await gone.die();
    await die(cellar, dying);
    await released(cellar, [left]);
    assert.deepEqual(await sent(left), [["1", ids[0]]]);
    await left.follow();
    await released(cellar, [left]);
    assert.deepEqual([pending(left), kept(cellar)], [[], []]);
  });
}

test("a new tab that finds what nobody holds takes it at once", async () => {
  const cellar = new Cellar();
  await (await offlineWith(cellar, ["1"])).die();
  const later = cellar.visit();
  await later.letIn();
  await later.follow();
  assert.deepEqual(pending(later), ["1"]);
});

test("answers, changes and failures are kept as they are", async () => {
  const cellar = new Cellar();
  const first = cellar.visit({ tab: "t" });
  await first.letIn();
  first.bench.sent();
  first.bench.inRoom("general", [message("general", 1, { user_id: "user1" })]);
  const { client, bench } = first;
  client.say("general", "answer", bench.now, { replyTo: 1, thread: 1, mentions: ["u9"] });
  bench.hear("error", { code: "muted", message: "" }, bench.one("chat").id);
  bench.close(1006);
  client.edit("general", 1, "new", bench.now);
  client.react("general", 1, "👍", bench.now);
  await first.follow();
  await first.die();
  const again = cellar.visit({ tab: "t" });
  await again.letIn();
  const found = [...again.client.outbox.items.values()].map(({ type, text, emoji, replyTo, thread, mentions, target, code, at, state }) => (
    { type, text, emoji, replyTo, thread, mentions, target, code, at: at > WALL, state }));
  const none = { text: "", emoji: "", replyTo: null, thread: null, mentions: [], code: null, at: true, state: "waiting" };
  assert.deepEqual(found, [
    { ...none, type: "chat", text: "answer", replyTo: 1, thread: 1, mentions: ["u9"], target: null, code: "muted", state: "failed" },
    { ...none, type: "message:edit", text: "new", target: 1 },
    { ...none, type: "reaction:add", emoji: "👍", target: 1 },
  ]);
});

test("another user finds nothing of the one before, and the one before finds theirs again", async () => {
  const cellar = new Cellar();
  const one = await offlineWith(cellar, ["mine"]);
  one.bench.pass(1_000);
  await one.letIn("u9");
  assert.deepEqual(pending(one), []);
  one.client.say("general", "theirs", one.bench.now);
  await one.follow();
  assert.deepEqual([kept(cellar), kept(cellar, "u9")], [["mine"], ["theirs"]]);
  await one.letIn("user1");
  assert.deepEqual(pending(one), ["mine"]);
});

test("signing out erases everything of one's own, also what is only being opened", async () => {
  for (const opened of [true, false]) {
    const cellar = new Cellar();
    await (await offlineWith(cellar, ["1"], { tab: "t" })).die();
    const one = cellar.visit({ tab: "t" });
    one.chest.expect("user1");
    if (opened) await one.follow();
    one.client.signOut();
    await one.follow();
    const disk = cellar.disk("user1");
    assert.deepEqual([disk.items.size, disk.rooms.size, disk.facts.size], [0, 0, 0]);
    assert.deepEqual([one.client.outbox.items.size, one.client.me], [0, null]);
  }
});

test("another tab that stays signed in keeps its own again", async () => {
  const cellar = new Cellar();
  const stays = await offlineWith(cellar, ["1"]);
  const leaves = cellar.visit();
  await leaves.letIn();
  leaves.client.signOut();
  await leaves.follow();
  await new Promise((resolve) => setTimeout(resolve, 5));
  await stays.follow();
  assert.deepEqual(kept(cellar), ["1"]);
});

test("a message counts as kept when its transaction is complete, and goes out without waiting for it", async () => {
  const cellar = new Cellar();
  const one = cellar.visit();
  await one.letIn();
  one.bench.sent();
  one.bench.inRoom("general");
  cellar.held = [];
  one.client.say("general", "1", one.bench.now);
  await one.follow();
  assert.equal(one.bench.sent("chat").length, 1);
  assert.equal(one.chest.unkept, 1);
  cellar.held.splice(0).forEach((done) => done());
  await one.follow();
  assert.equal(one.chest.unkept, 0);
});

test("a page that is being closed begins all writes at once, also those behind others", async () => {
  const cellar = new Cellar();
  const one = await offlineWith(cellar, ["1"], { tab: "t" });
  cellar.held = [];
  one.chest.flush();
  one.client.say("general", "2", one.bench.now);
  await one.follow();
  one.chest.hurry();
  await one.die();
  cellar.held.splice(0).forEach((done) => done());
  await one.follow();
  assert.deepEqual(kept(cellar), ["1", "2"]);
});

test("what was only begun to be written is forgotten, too, once it is stored", async () => {
  const cellar = new Cellar();
  const one = cellar.visit();
  await one.letIn();
  one.bench.sent();
  one.bench.inRoom("general");
  cellar.held = [];
  one.chest.flush();
  one.client.say("general", "1", one.bench.now);
  one.chest.hurry();
  const { id } = one.bench.one("chat");
  one.bench.hear("chat", message("general", 1, { user_id: "user1", client_id: id }));
  cellar.held.splice(0).forEach((done) => done());
  cellar.held = null;
  await one.follow();
  await one.follow();
  assert.deepEqual(kept(cellar), []);
});

test("a room shows from what was kept at once, before anybody is let in, and is patched by number", async () => {
  const cellar = new Cellar();
  const first = cellar.visit({ tab: "t" });
  await first.letIn();
  first.bench.hear("rooms", { rooms: [info("general", { last_seq: 2, read_seq: 1, unread: 1, mentions: 1 })] }, first.bench.one("room:list").id);
  const reactions = [{ emoji: "👍", count: 1, users: ["user1"], me: true }];
  first.bench.inRoom("general", [message("general", 1, { reactions, reply_to: 9, edited_at: 5 }), message("general", 2, { mentions: ["user1"] })], { more: true });
  await first.wrote();
  const before = first.client.rooms.get("general")?.log;
  await first.die();

  const again = cellar.visit({ tab: "t" });
  again.chest.expect("user1");
  await again.follow();
  assert.deepEqual(again.client.me, { id: "user1", name: "user1", role: "user" });
  assert.equal(again.client.list?.get("general")?.title, "general");
  assert.deepEqual([again.client.unread.of("general"), again.client.unread.mentionsOf("general")], [1, 1]);
  again.client.join("general");
  const log = again.client.rooms.get("general")?.log;
  assert.deepEqual(log?.lines, before?.lines);
  assert.equal(log?.olderLeft, true);
  await again.letIn();
  const join = again.bench.one("join:room");
  assert.deepEqual(join.data.since, { epoch: "e1", seq: 2, id: "m-2" });
  again.bench.hear("history", history("general", [message("general", 3), message("general", 4, { type: "message:deleted", target: 1 })]), join.id);
  assert.deepEqual(log?.lines.map(({ seq, deleted }) => [seq, deleted]), [[1, true], [2, false], [3, false]]);
});

test("a reset replaces what was kept", async () => {
  const cellar = new Cellar();
  const first = cellar.visit({ tab: "t" });
  await first.letIn();
  first.bench.sent();
  first.bench.inRoom("general", [message("general", 1), message("general", 2)]);
  await first.wrote();
  const again = cellar.visit({ tab: "t" });
  await again.letIn();
  again.bench.sent();
  again.bench.inRoom("general", [message("general", 1, { text: "other" })], { reset: true, epoch: "e2" });
  await again.wrote();
  assert.deepEqual(again.client.linesOf("general").map(({ text }) => text), ["other"]);
  const record = cellar.disk("user1").rooms.get("general");
  assert.deepEqual([record.epoch, record.lines.length], ["e2", 1]);
});

test("what was read and not told is told after a reload", async () => {
  const cellar = new Cellar();
  const first = cellar.visit({ tab: "t" });
  await first.letIn();
  first.bench.hear("rooms", { rooms: [info("general", { last_seq: 2, read_seq: 0, unread: 2 })] }, first.bench.one("room:list").id);
  first.bench.inRoom("general", [message("general", 1), message("general", 2)]);
  first.bench.close(1006);
  first.client.look("general");
  await first.wrote();
  const again = cellar.visit({ tab: "t" });
  again.chest.expect("user1");
  await again.follow();
  assert.equal(again.client.unread.of("general"), 0);
  await again.letIn();
  assert.deepEqual(again.bench.one("read").data, { room: "general", seq: 2 });
});

test("of a room the last 200 lines are kept, of long ones fewer, and of rooms the last fifty", async () => {
  const cellar = new Cellar();
  const one = cellar.visit();
  await one.letIn();
  one.bench.sent();
  const many = Array.from({ length: 300 }, (_, n) => message("r0", n + 1));
  one.bench.inRoom("r0", many);
  one.bench.inRoom("long", [1, 2, 3].map((seq) => message("long", seq, { text: "x".repeat(100_000) })));
  await one.wrote();
  const { rooms } = cellar.disk("user1");
  assert.deepEqual([rooms.get("r0").lines.length, rooms.get("r0").lines[0].seq, rooms.get("r0").olderLeft], [200, 101, true]);
  assert.deepEqual(rooms.get("long").lines.map((/** @type {any} */ line) => line.seq), [2, 3]);
  for (let n = 1; n < 60; n += 1) {
    one.bench.pass(1);
    one.bench.inRoom(`r${n}`, [message(`r${n}`, 1)]);
    await one.wrote();
  }
  assert.equal(rooms.size, 50);
  assert.equal(rooms.has("r59") && !rooms.has("r0"), true);
});

test("rooms that are no longer on the list are forgotten", async () => {
  const cellar = new Cellar();
  const one = cellar.visit();
  await one.letIn();
  one.bench.hear("rooms", { rooms: [info("general")] }, one.bench.one("room:list").id);
  one.bench.inRoom("general", [message("general", 1)]);
  await one.wrote();
  one.bench.hear("room:gone", { room: "general", reason: "kicked" });
  await one.wrote();
  assert.equal(cellar.disk("user1").rooms.size, 0);
});

test("a browser that refuses leaves everything in memory, says why, and is tried again", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const cellar = new Cellar();
  const one = await offlineWith(cellar, ["1"]);
  assert.deepEqual(one.client.kept, { where: "disk", why: null });
  cellar.refusal = new DOMException("", "InvalidStateError");
  one.client.say("general", "2", one.bench.now);
  await one.follow();
  assert.deepEqual(one.client.kept, { where: "memory", why: "InvalidStateError" });
  assert.deepEqual(pending(one), ["1", "2"]);
  cellar.refusal = null;
  t.mock.timers.tick(30_000);
  await one.follow();
  await one.follow();
  assert.deepEqual(one.client.kept, { where: "disk", why: null });
  assert.deepEqual(kept(cellar), ["1", "2"]);
});

test("a full disk gives up the rooms for what was written", async () => {
  const cellar = new Cellar();
  const one = cellar.visit();
  await one.letIn();
  one.bench.sent();
  one.bench.inRoom("general", [message("general", 1)]);
  await one.wrote();
  const disk = cellar.disk("user1");
  const write = disk.write.bind(disk);
  disk.write = (tab, what) => {
    if (disk.rooms.size > 0) throw new DOMException("", "QuotaExceededError");
    write(tab, what);
  };
  one.bench.close(1006);
  one.client.say("general", "1", one.bench.now);
  await one.follow();
  assert.deepEqual([kept(cellar), disk.rooms.size, one.client.kept.where], [["1"], 0, "disk"]);
});

test("a browser without anything to keep in is no reason to fail", async () => {
  const cellar = new Cellar();
  const one = cellar.visit();
  one.chest.open = async () => {
    throw new ReferenceError("indexedDB is not defined");
  };
  await one.letIn();
  one.client.say("general", "1", one.bench.now);
  await one.follow();
  clearTimeout(one.chest.timer);
  assert.deepEqual([one.client.kept, pending(one)], [{ where: "memory", why: "ReferenceError" }, ["1"]]);
});

test("what was kept and forged is as if it had not been kept", async () => {
  const cellar = new Cellar();
  const disk = cellar.disk("user1");
  const good = { id: "c-1", type: "chat", room: "general", text: "hi", replyTo: null, thread: null, mentions: [], target: null, emoji: "", at: 1, code: null, tab: "t" };
  const forged = [null, 7, "x", [], {}, { ...good, id: "" }, { ...good, id: "a b" }, { ...good, type: "auth" }, { ...good, text: 7 }, { ...good, mentions: [7] },
    { ...good, target: -1 }, { ...good, at: NaN }, { ...good, code: {} }, { ...good, mentions: null }, JSON.parse('{"__proto__": {"x": 1}, "tab": "t"}')];
  forged.forEach((row, n) => disk.items.set(n + 1, row !== null && typeof row === "object" ? { tab: "t", ...row } : row));
  disk.items.set(99, good);
  const record = { room: "general", epoch: "e1", upto: 2, uptoId: "", olderLeft: false, lines: [message("general", 1), message("general", 2)], at: 1 };
  const rooms = [null, 7, {}, { ...record, room: 7 }, { ...record, upto: -1 }, { ...record, upto: 1 }, { ...record, lines: "x" },
    { ...record, lines: [message("secret", 1)] }, { ...record, lines: [message("general", 2), message("general", 1)] }];
  rooms.forEach((one, n) => disk.rooms.set(`${n}`, one));
  disk.facts.set("me", { id: 7 });
  disk.facts.set("list", [null, {}, info("good"), { room: "" }]);
  const one = cellar.visit({ tab: "t" });
  one.chest.expect("user1");
  await one.follow();
  assert.deepEqual([...one.client.outbox.items.keys()], ["c-1"]);
  assert.equal(one.client.attendance.known.size, 0);
  assert.deepEqual([...(one.client.list?.keys() ?? [])], ["good"]);
  assert.equal(/** @type {any} */ ({}).x, undefined);
});

test("nobody's messages are sent as somebody else's who comes in instead", async () => {
  const cellar = new Cellar();
  await (await offlineWith(cellar, ["mine"], { tab: "t" })).die();
  cellar.disk("user1").facts.clear();
  const other = cellar.visit({ tab: "t" });
  other.chest.expect("user1");
  await other.follow();
  assert.deepEqual(pending(other), ["mine"]);
  await other.letIn("u9");
  assert.deepEqual([pending(other), other.bench.sent("join:room"), kept(cellar)], [[], [], ["mine"]]);
});

test("rooms that one may no longer read do not stay on the disk, nor are they shown", async () => {
  const cellar = new Cellar();
  const disk = cellar.disk("user1");
  const record = { epoch: "e1", upto: 7, uptoId: "m-7", olderLeft: false, at: 1 };
  for (const room of ["secret", "shut"]) disk.rooms.set(room, { ...record, room, lines: [message(room, 7)] });
  const one = cellar.visit({ tab: "t" });
  await one.letIn();
  one.bench.hear("rooms", { rooms: [info("shut")] }, one.bench.one("room:list").id);
  one.client.join("secret");
  one.client.join("shut");
  assert.deepEqual([one.client.linesOf("secret").length, one.client.linesOf("shut").length], [0, 1]);
  for (const { id } of one.bench.sent("join:room")) one.bench.hear("error", { message: "no", code: "no_such_room" }, id);
  await one.wrote();
  assert.deepEqual([one.client.linesOf("shut"), [...disk.rooms.keys()]], [[], []]);
});

test("rooms of another history do not stay on the disk: erased words may be in them", async () => {
  const cellar = new Cellar();
  const disk = cellar.disk("user1");
  for (const room of ["general", "random"]) disk.rooms.set(room, { room, epoch: "e0", upto: 7, uptoId: "m-7", olderLeft: false, lines: [message(room, 7)], at: 1 });
  const one = cellar.visit({ tab: "t" });
  await one.letIn();
  one.bench.inRoom("general", [message("general", 8)], { reset: true });
  await one.wrote();
  assert.deepEqual([...disk.rooms.values()].map(({ room, epoch }) => [room, epoch]), [["general", "e1"]]);
});

test("a disk that does not answer keeps nobody from sending", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const cellar = new Cellar();
  cellar.held = [];
  const one = cellar.visit({ tab: "t" });
  await one.letIn();
  one.bench.inRoom("general", [message("general", 1)]);
  one.client.say("general", "hi", one.bench.now);
  t.mock.timers.tick(5_000);
  await one.follow();
  assert.equal(one.bench.sent("chat").length, 1);
  assert.deepEqual(one.client.kept, { where: "memory", why: "TimeoutError" });
});

test("who signs out while the disk refuses leaves nothing once it does not", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const cellar = new Cellar();
  const one = await offlineWith(cellar, ["mine"]);
  cellar.refusal = new Error("full");
  one.client.signOut();
  await one.follow();
  assert.deepEqual(kept(cellar), ["mine"]);
  cellar.refusal = null;
  t.mock.timers.tick(30_000);
  await one.follow();
  assert.deepEqual(kept(cellar), []);
});
