import assert from "node:assert/strict";
import { test } from "node:test";
import { Bench, history, message } from "./bench.js";

const inRoom = () => {
  const bench = new Bench().signedIn();
  bench.sent();
  return bench.inRoom("general", [message("general", 1)]);
};

/** @param {Bench} bench */
const states = (bench) => bench.client.outbox.of("general").map((item) => item.state);

test("a message is there at once and goes out with a random id", () => {
  const bench = inRoom();
  const item = bench.client.say("general", "hi", bench.now);
  assert.deepEqual(states(bench), ["sent"]);
  assert.deepEqual(bench.sent("chat"), [{ type: "chat", data: { room: "general", text: "hi" }, id: item?.id }]);
});

test("one message of a room is under way at a time, of two rooms two", () => {
  const bench = inRoom().inRoom("random");
  bench.client.say("general", "1", bench.now);
  bench.client.say("general", "2", bench.now);
  bench.client.say("random", "a", bench.now);
  assert.deepEqual(bench.sent("chat").map(({ data }) => data.text), ["1", "a"]);
});

test("stored, it gives way to the line its room tells, whichever comes first", () => {
  for (const ackFirst of [true, false]) {
    const bench = inRoom();
    const id = bench.client.say("general", "hi", bench.now)?.id ?? "";
    const ack = () => bench.hear("ack", { room: "general", seq: 2, message_id: "m-2", timestamp: 1 }, id);
    const told = () => bench.hear("chat", message("general", 2, { user_id: "user1", client_id: id }));
    if (ackFirst) ack();
    if (ackFirst) assert.deepEqual(states(bench), ["stored"]);
    told();
    if (!ackFirst) ack();
    assert.deepEqual(states(bench), []);
    assert.equal(bench.client.rooms.get("general")?.log.lines.length, 2);
  }
});

test("a broken connection sends it again under the same id, once its room is joined", () => {
  const bench = inRoom();
  const id = bench.client.say("general", "hi", bench.now)?.id;
  bench.sent();
  bench.close(1006);
  assert.deepEqual(states(bench), ["waiting"]);
  bench.pass(500);
  bench.letIn();
  assert.deepEqual(bench.sent("chat"), []);
  const join = bench.one("join:room");
  assert.deepEqual(join.data.since, { epoch: "e1", seq: 1, id: "m-1" });
  bench.hear("history", history("general", [], { upto: 1 }), join.id);
  assert.deepEqual(bench.sent("chat").map((frame) => frame.id), [id]);
});

test("what was stored before the connection broke is not sent again", () => {
  const bench = inRoom();
  const id = bench.client.say("general", "hi", bench.now)?.id;
  bench.close(1006);
  bench.pass(500);
  bench.letIn();
  const join = bench.one("join:room");
  bench.sent();
  bench.hear("history", history("general", [message("general", 2, { user_id: "user1", client_id: id, text: "hi" })]), join.id);
  assert.deepEqual(bench.sent("chat"), []);
  assert.deepEqual(states(bench), []);
});

test("an ack whose line was lost is settled by the page that holds its number", () => {
  const bench = inRoom();
  const id = bench.client.say("general", "hi", bench.now)?.id ?? "";
  bench.hear("ack", { room: "general", seq: 2 }, id);
  bench.close(1006);
  bench.pass(500);
  bench.letIn();
  bench.hear("history", history("general", [message("general", 2)]), bench.one("join:room").id);
  assert.deepEqual(states(bench), []);
});

test("refused for good, it says why and lets the next go; tried again it keeps its id", () => {
  const bench = inRoom();
  const id = bench.client.say("general", "1", bench.now)?.id ?? "";
  bench.client.say("general", "2", bench.now);
  bench.sent();
  bench.hear("error", { message: "muted", code: "muted", retryable: false }, id);
  assert.deepEqual(bench.sent("chat").map(({ data }) => data.text), ["2"]);
  assert.deepEqual(bench.client.outbox.of("general").map((item) => item.code), ["muted", null]);
  bench.hear("ack", { room: "general", seq: 2 }, "c-4");
  bench.client.sayAgain(id, bench.now);
  assert.deepEqual(bench.sent("chat").map((frame) => frame.id), [id]);
  bench.hear("error", { code: "muted" }, id);
  bench.client.outbox.drop(id);
  assert.equal(bench.client.outbox.items.has(id), false);
});

test("refused for a moment, it waits as long as the server says, and the rest behind it", () => {
  const bench = inRoom();
  const id = bench.client.say("general", "1", bench.now)?.id ?? "";
  bench.client.say("general", "2", bench.now);
  bench.sent();
  bench.hear("error", { code: "rate_limited", retryable: true, retry_after_ms: 1_500 }, id);
  bench.pass(1_499);
  assert.deepEqual(bench.sent("chat"), []);
  bench.pass(1);
  assert.deepEqual(bench.sent("chat").map((frame) => frame.id), [id]);
});

test("refused for a moment eight times, a person is asked", () => {
  const bench = inRoom();
  const id = bench.client.say("general", "1", bench.now)?.id ?? "";
  for (let n = 0; n < 8; n += 1) {
    assert.equal(bench.sent("chat").length, 1);
    bench.hear("error", { code: "busy", retry_after_ms: 10 }, id);
    bench.pass(10);
  }
  assert.deepEqual(states(bench), ["failed"]);
});

test("an ack that does not come on a living connection makes it fail after 30 s", () => {
  const bench = inRoom();
  bench.client.say("general", "1", bench.now);
  for (let n = 0; n < 30; n += 1) {
    bench.pass(1_000);
    bench.hear("heartbeat", {});
  }
  assert.deepEqual(bench.client.outbox.of("general").map((item) => item.code), ["no_answer"]);
});

test("what waits for a room that is not joined leaves the clock alone", () => {
  const bench = inRoom();
  const id = bench.client.say("general", "1", bench.now)?.id ?? "";
  bench.hear("error", { code: "busy", retry_after_ms: 10 }, id);
  bench.client.attendance.rooms.get("general")?.lose();
  bench.pass(1_000);
  assert.deepEqual(states(bench), ["waiting"]);
});

test("a room that refuses to let one in refuses what was written for it", () => {
  const bench = new Bench().signedIn();
  bench.client.join("full");
  bench.client.say("full", "hi", bench.now);
  bench.hear("error", { code: "room_full" }, bench.one("join:room").id);
  assert.equal(bench.client.rooms.get("full")?.standing, "refused");
  assert.deepEqual(bench.client.outbox.of("full").map((item) => item.code), ["room_full"]);
});

test("more than a thousand waiting messages are refused where they are written", () => {
  const bench = new Bench();
  for (let n = 0; n < 1_000; n += 1) assert.notEqual(bench.client.say("general", "x", bench.now), null);
  assert.equal(bench.client.say("general", "x", bench.now), null);
  assert.equal(bench.client.outbox.waiting, 1_000);
});

test("more than four million characters are refused too", () => {
  const bench = new Bench();
  const long = "x".repeat(64_000);
  for (let n = 0; n < 65; n += 1) assert.notEqual(bench.client.say("general", long, bench.now), null);
  assert.equal(bench.client.say("general", long, bench.now), null);
});

test("what the server would end the connection for is refused where it is written", () => {
  const bench = inRoom();
  assert.equal(bench.client.say("general", "é".repeat(33_000), bench.now), null);
  assert.equal(bench.client.said?.code, "too_long");
  bench.hear("hello", { limits: { message_bytes: 2_000 } });
  assert.equal(bench.client.say("general", "x".repeat(2_000), bench.now), null);
  assert.deepEqual([states(bench), bench.sent("chat")], [[], []]);
});

test("one that was kept and is too long fails, and what stands behind it goes", () => {
  const bench = inRoom();
  const kept = { type: "chat", room: "general", replyTo: null, thread: null, mentions: [], attachments: [], target: null, emoji: "", at: 1, code: null };
  bench.client.restore([{ ...kept, id: "k-1", text: "x".repeat(70_000) }, { ...kept, id: "k-2", text: "hi" }], bench.now);
  bench.client.flush(bench.now);
  assert.deepEqual([states(bench), bench.sent("chat").map(({ id }) => id)], [["failed", "sent"], ["k-2"]]);
});

test("what was kept is restored to the last, however much it is", () => {
  const bench = new Bench();
  const kept = { type: "chat", room: "general", text: "x", replyTo: null, thread: null, mentions: [], attachments: [], target: null, emoji: "", at: 1, code: null };
  bench.client.restore(Array.from({ length: 1_200 }, (_, n) => ({ ...kept, id: `k-${n}` })), bench.now);
  assert.equal(bench.client.outbox.items.size, 1_200);
});

test("signing in as somebody else sends nothing that another person wrote", () => {
  const bench = inRoom();
  bench.client.say("general", "mine", bench.now);
  bench.close(4002);
  bench.sent();
  bench.client.signIn("admin-token-456", bench.now);
  bench.open();
  bench.hear("auth:response", { success: true, user: { id: "admin1", name: "admin", role: "admin" } });
  assert.deepEqual(bench.client.outbox.items.size, 0);
  assert.deepEqual(bench.sent("chat"), []);
});

test("after a message nobody answered, the next one of its room goes out", () => {
  const bench = inRoom();
  bench.client.say("general", "1", bench.now);
  bench.client.say("general", "2", bench.now);
  assert.deepEqual(bench.sent("chat").map(({ data }) => data.text), ["1"]);
  for (let n = 0; n < 4; n += 1) {
    bench.hear("heartbeat", {});
    bench.pass(7_500);
  }
  assert.deepEqual(bench.sent("chat").map(({ data }) => data.text), ["2"]);
  assert.deepEqual(states(bench), ["failed", "sent"]);
});

test("sent again, a message waits for the one of its room that is under way", () => {
  const bench = inRoom();
  const first = bench.client.say("general", "1", bench.now)?.id ?? "";
  bench.hear("error", { message: "", code: "too_long" }, first);
  const second = bench.client.say("general", "2", bench.now)?.id ?? "";
  bench.sent();
  bench.client.sayAgain(first, bench.now);
  assert.deepEqual(bench.sent("chat"), []);
  bench.hear("ack", { room: "general", seq: 2, message_id: "m-2", timestamp: 1 }, second);
  assert.deepEqual(bench.sent("chat").map(({ id }) => id), [first]);
});
