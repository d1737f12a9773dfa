import assert from "node:assert/strict";
import { test } from "node:test";
import { Bench, history, message } from "./bench.js";

/** @param {Bench} bench @param {string} [room] */
const seqs = (bench, room = "general") => bench.client.rooms.get(room)?.log.lines.map((line) => line.seq);

const inRoom = () => {
  const bench = new Bench().signedIn();
  bench.sent();
  return bench.inRoom("general", [message("general", 1), message("general", 2)]);
};

test("a line that is known is not shown twice", () => {
  const bench = inRoom();
  for (const seq of [2, 3, 3, 1, 3, 4]) bench.hear("chat", message("general", seq));
  assert.deepEqual(seqs(bench), [1, 2, 3, 4]);
  assert.deepEqual(bench.news.map((entry) => entry.seq), [3, 4]);
});

test("entries that are no messages move the position too", () => {
  const bench = inRoom();
  bench.hear("entry", message("general", 3, { type: "member:added", member: "u9", member_name: "ana" }));
  bench.hear("entry", message("general", 4, { type: "of:a:newer:server" }));
  bench.hear("chat", message("general", 5));
  assert.equal(bench.client.rooms.get("general")?.log.upto, 5);
  assert.deepEqual(bench.sent("join:room"), []);
});

test("a missing number is asked for, and nothing after it is shown before", () => {
  const bench = inRoom();
  bench.hear("chat", message("general", 5));
  assert.deepEqual(seqs(bench), [1, 2]);
  const join = bench.one("join:room");
  assert.deepEqual(join.data.since, { epoch: "e1", seq: 2, id: "m-2" });
  bench.hear("history", history("general", [3, 4, 5].map((seq) => message("general", seq))), join.id);
  assert.deepEqual(seqs(bench), [1, 2, 3, 4, 5]);
});

test("a gap that asking does not close begins the room anew, and does not ask for ever", () => {
  const bench = inRoom();
  bench.hear("chat", message("general", 9));
  bench.hear("history", history("general", [], { upto: 2 }), bench.one("join:room").id);
  bench.hear("chat", message("general", 9));
  const anew = bench.one("join:room");
  assert.equal(anew.data.since, undefined);
  bench.hear("history", history("general", [message("general", 9)]), anew.id);
  assert.deepEqual(seqs(bench), [9]);
  assert.deepEqual(bench.sent("join:room"), []);
});

test("several pages of missed entries are read one after the other", () => {
  const bench = inRoom();
  bench.close(1006);
  bench.pass(500);
  bench.letIn();
  for (const upto of [102, 202]) {
    const page = Array.from({ length: 100 }, (_, n) => message("general", upto - 99 + n));
    const join = bench.one("join:room");
    bench.hear("history", history("general", page, { more: true, last_seq: 250 }), join.id);
    assert.equal(bench.client.rooms.get("general")?.attached, false);
  }
  const last = bench.one("join:room");
  assert.deepEqual(last.data.since, { epoch: "e1", seq: 202, id: "m-202" });
  bench.hear("history", history("general", [message("general", 203)]), last.id);
  assert.equal(bench.client.rooms.get("general")?.attached, true);
  assert.equal(seqs(bench)?.length, 203);
});

test("after very much was missed the last messages are taken alone", () => {
  const bench = inRoom();
  bench.close(1006);
  bench.pass(500);
  bench.letIn();
  for (let n = 0; n < 4; n += 1) {
    const join = bench.one("join:room");
    bench.hear("history", history("general", [message("general", 3 + n)], { more: true, last_seq: 9e6 }), join.id);
  }
  const anew = bench.one("join:room");
  assert.equal(anew.data.since, undefined);
  bench.hear("history", history("general", [message("general", 9e6)], { more: true }), anew.id);
  assert.deepEqual(seqs(bench), [9e6]);
  assert.equal(bench.client.rooms.get("general")?.log.olderLeft, true);
});

test("another epoch or a reset forgets what was known", () => {
  for (const numbers of [{ reset: true }, { epoch: "e2" }]) {
    const bench = inRoom();
    bench.close(1006);
    bench.pass(500);
    bench.letIn();
    bench.hear("history", history("general", [message("general", 1, { text: "other" })], numbers), bench.one("join:room").id);
    assert.deepEqual(seqs(bench), [1]);
    assert.equal(bench.client.rooms.get("general")?.log.lines[0]?.text, "other");
  }
});

test("older pages come before, once, and end", () => {
  const bench = new Bench().signedIn();
  bench.sent();
  bench.inRoom("general", [message("general", 9)], { more: true });
  bench.client.pages.readOlder("general");
  bench.client.pages.readOlder("general");
  const asked = bench.one("get:history");
  assert.equal(asked.data.before, 9);
  bench.hear("history", history("general", [7, 8, 9].map((seq) => message("general", seq)), { more: true }), asked.id);
  assert.deepEqual(seqs(bench), [7, 8, 9]);
  bench.client.pages.readOlder("general");
  bench.hear("history", history("general", [], { more: true }), bench.one("get:history").id);
  bench.client.pages.readOlder("general");
  assert.deepEqual(bench.sent("get:history"), []);
});

test("who comes in and leaves is counted, by id or by name", () => {
  const bench = inRoom();
  const people = bench.client.rooms.get("general")?.people;
  bench.hear("presence", { room: "general", count: 1, users: [{ id: "user1", name: "john", role: "user", status: "online" }] });
  const notice = { room: "general", user: "system", timestamp: 1 };
  bench.hear("chat", { ...notice, type: "user:joined", text: "ana has joined the room", member: "u9", member_name: "ana" });
  bench.hear("chat", { ...notice, type: "user:joined", text: "bob has joined the room" });
  assert.deepEqual(people?.list.map((person) => person.name), ["ana", "bob", "john"]);
  bench.hear("chat", { ...notice, type: "user:left", text: "bob has left the room" });
  bench.hear("chat", { ...notice, type: "user:left", text: "ana has left the room", member: "u9", member_name: "ana" });
  assert.equal(people?.count, 1);
  assert.equal(bench.client.rooms.get("general")?.notices.length, 4);
  assert.deepEqual(bench.news, []);
});

test("typing ends by itself, by a message, and by leaving", () => {
  const bench = inRoom();
  const people = bench.client.rooms.get("general")?.people;
  const users = ["user1", "admin1", "u9"].map((id) => ({ id, name: id, role: "user", status: "online" }));
  bench.hear("presence", { room: "general", count: 3, users });
  const typing = (/** @type {string} */ user) => bench.hear("typing", { room: "general", user, active: true });
  typing("admin1");
  typing("u9");
  typing("nobody");
  assert.deepEqual(people?.typists("user1"), ["admin1", "u9"]);
  bench.hear("chat", message("general", 3));
  assert.deepEqual(people?.typists("user1"), ["u9"]);
  bench.pass(6_000);
  assert.deepEqual(people?.typists("user1"), []);
});

test("one's own typing is said at most every three seconds, and its end once", () => {
  const bench = inRoom();
  for (let n = 0; n < 40; n += 1) {
    bench.client.typing("general", true, bench.now);
    bench.pass(100);
  }
  bench.client.typing("general", false, bench.now);
  bench.client.typing("general", false, bench.now);
  assert.deepEqual(bench.sent("typing").map(({ data }) => data.active), [true, true, false]);
});

test("leaving says so and hears the room no longer", () => {
  const bench = inRoom();
  bench.client.leave("general");
  bench.one("leave:room");
  bench.hear("chat", message("general", 3));
  assert.equal(bench.client.rooms.has("general"), false);
  assert.deepEqual(bench.news, []);
});

test("requests that nobody can answer any more end as lost", () => {
  const bench = inRoom();
  /** @type {(string | undefined)[]} */
  const codes = [];
  bench.client.questions.create({ room: "new" }, (refusal) => codes.push(refusal?.code));
  bench.close(1006);
  bench.client.questions.create({ room: "new" }, (refusal) => codes.push(refusal?.code));
  assert.deepEqual(codes, ["connection_lost", "connection_lost"]);
});

test("a join that is refused for now is tried again, and what was written waits for it", () => {
  for (const code of ["busy", "rate_limited", "unavailable", "internal"]) {
    const bench = inRoom();
    bench.close(1006);
    const item = bench.client.say("general", "hi", bench.now);
    bench.pass(500);
    bench.letIn();
    const again = { message: "", code, retryable: true };
    bench.hear("error", { ...again, retry_after_ms: 7_000 }, bench.one("join:room").id);
    assert.equal(bench.client.rooms.get("general")?.standing, "away");
    assert.equal(bench.client.outbox.of("general")[0]?.state, "waiting");
    bench.pass(7_000);
    assert.deepEqual(bench.sent("join:room"), [], "the advice is the least it waits");
    bench.pass(100);
    bench.hear("error", again, bench.one("join:room").id);
    bench.pass(1_100);
    bench.hear("history", history("general", [], { upto: 2 }), bench.one("join:room").id);
    assert.equal(bench.client.rooms.get("general")?.attached, true);
    assert.deepEqual(bench.sent("chat").map(({ id }) => id), [item?.id]);
  }
});

test("a join that goes on being refused for now is tried ever more seldom", () => {
  const bench = inRoom();
  bench.close(1006);
  bench.pass(500);
  bench.letIn();
  const waits = [];
  for (let n = 0; n < 6; n += 1) {
    bench.hear("error", { message: "", code: "busy" }, bench.one("join:room").id);
    const wait = bench.client.due - bench.now;
    waits.push(wait);
    bench.pass(wait);
    bench.hear("heartbeat", {});
  }
  assert.deepEqual(waits, [350, 600, 1_100, 2_100, 4_100, 8_100]);
});

test("a join that is refused for good is not tried again but when one asks", () => {
  const bench = inRoom();
  bench.close(1006);
  const item = bench.client.say("general", "hi", bench.now);
  bench.pass(500);
  bench.letIn();
  bench.hear("error", { message: "", code: "banned", retryable: false }, bench.one("join:room").id);
  bench.pass(20_000);
  assert.deepEqual(bench.sent("join:room"), []);
  assert.equal(bench.client.rooms.get("general")?.standing, "refused");
  assert.equal(bench.client.outbox.items.get(item?.id ?? "")?.state, "failed");
  bench.client.join("general");
  bench.one("join:room");
});

test("an older page that is refused for now may be asked for later, not at once", () => {
  const bench = new Bench().signedIn();
  bench.sent();
  bench.inRoom("general", [message("general", 9)], { more: true });
  bench.client.pages.readOlder("general");
  bench.hear("error", { message: "", code: "busy", retry_after_ms: 5_000 }, bench.one("get:history").id);
  bench.client.pages.readOlder("general");
  assert.deepEqual(bench.sent("get:history"), []);
  bench.pass(5_100);
  bench.client.pages.readOlder("general");
  bench.hear("error", { message: "", code: "forbidden" }, bench.one("get:history").id);
  bench.pass(20_000);
  bench.client.pages.readOlder("general");
  assert.deepEqual(bench.sent("get:history"), []);
});

test("a join that nobody answers is asked again, and its late answer is none", () => {
  const bench = new Bench().signedIn();
  bench.client.join("general");
  const first = bench.one("join:room");
  for (let n = 0; n < 3; n += 1) {
    bench.pass(10_500);
    bench.hear("heartbeat");
  }
  const again = bench.one("join:room");
  bench.hear("history", history("general", [message("general", 1), message("general", 2)]), again.id);
  bench.hear("history", history("general", [message("general", 1)]), first.id);
  assert.equal(bench.client.rooms.get("general")?.log.upto, 2);
});

test("entries of an application's own kind are handed over once and in order, live or missed, and are no lines", () => {
  const bench = inRoom();
  /** @type {[string, number, unknown][]} */
  const own = [];
  bench.client.entered = ({ type, seq, data }) => own.push([type, seq, data]);
  const opened = (/** @type {number} */ seq) => message("general", seq, { type: "poll:opened", data: { choices: ["a"] } });
  bench.hear("entry", opened(3));
  bench.hear("entry", opened(3));
  bench.hear("chat", message("general", 6));
  bench.hear("history", history("general", [opened(3), opened(4), opened(5), message("general", 6)]), bench.one("join:room").id);
  assert.deepEqual(own, [3, 4, 5].map((seq) => ["poll:opened", seq, { choices: ["a"] }]));
  assert.deepEqual(seqs(bench), [1, 2, 6]);
});

test("what an application tells is handed over as it came, and answers are not", () => {
  const bench = inRoom();
  /** @type {[string, object][]} */
  const heard = [];
  bench.client.heard = (type, data) => heard.push([type, data]);
  bench.hear("dice:rolled", { result: 4 });
  bench.hear("dice:rolled", { result: 5 }, "nobody-asked");
  bench.hear("typing", { room: "general", user: "u2", active: true });
  assert.deepEqual(heard, [["dice:rolled", { result: 4 }]]);
});
