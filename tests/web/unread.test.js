/** What is unread, by the server's numbers and what is heard since, and how far was read. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Unread } from "../../src/conclave/web/client/unread.js";
import { Bench, history, info, message } from "./bench.js";

/** In a room whose two lines were read, with nothing sent to be looked at. @param {object} [more] */
const inRoom = (more = {}) => {
  const bench = new Bench().signedIn();
  bench.hear("rooms", { rooms: [info("general", { last_seq: 2, read_seq: 2, unread: 0, ...more })] }, bench.one("room:list").id);
  bench.inRoom("general", [message("general", 1), message("general", 2)]);
  bench.sent();
  return bench;
};

/** @param {Bench} bench @param {number} seq @param {object} [more] */
const hears = (bench, seq, more) => bench.hear("chat", message("general", seq, more));

/** Go by a second, in which what was read is told and answered. @param {Bench} bench */
const answered = (bench) => {
  bench.pass(1_000);
  const reads = bench.sent("read");
  for (const { id } of reads) bench.hear("ack", {}, id);
  return reads.map(({ data }) => data.seq);
};

test("the others' messages count while nobody looks, one's own end the counting", () => {
  const bench = inRoom();
  const { unread } = bench.client;
  bench.client.look("general");
  hears(bench, 3);
  assert.equal(unread.of("general"), 0);
  bench.client.lookAway();
  hears(bench, 4, { mentions: ["user1", "u9"] });
  bench.hear("entry", message("general", 5, { type: "member:added" }));
  hears(bench, 6);
  assert.deepEqual([unread.of("general"), unread.mentionsOf("general"), unread.total], [2, 1, 2]);
  assert.equal(unread.starts.get("general")?.seq, 4);
  hears(bench, 7, { user_id: "user1" });
  assert.deepEqual([unread.of("general"), unread.mentionsOf("general")], [0, 0]);
});

test("the rule of what is new stays while its room is open, and goes with it", () => {
  const bench = inRoom();
  bench.client.look("general");
  bench.client.lookAway();
  hears(bench, 3);
  bench.client.look("general");
  assert.equal(bench.client.unread.starts.get("general")?.seq, 3);
  bench.client.lookAway();
  bench.client.look("random");
  assert.equal(bench.client.unread.starts.has("general"), false);
});

test("a room opens at the first line after the server's mark", () => {
  const bench = new Bench().signedIn();
  bench.hear("rooms", { rooms: [info("general", { last_seq: 4, read_seq: 2, unread: 2 })] }, bench.one("room:list").id);
  bench.client.look("general");
  bench.inRoom("general", [1, 2, 3, 4].map((seq) => message("general", seq)));
  assert.equal(bench.client.unread.starts.get("general")?.seq, 3);
  assert.equal(bench.client.unread.of("general"), 0);
  assert.deepEqual(bench.sent("read").map(({ data }) => data), [{ room: "general", seq: 4 }]);
});

test("what is read is told at most once a second, the newest number, and not again", () => {
  const bench = inRoom();
  bench.client.look("general");
  for (let seq = 3; seq < 40; seq += 1) hears(bench, seq);
  assert.deepEqual(answered(bench), [3]);
  assert.deepEqual(answered(bench), [39]);
  assert.deepEqual(answered(bench), []);
});

test("changes and comings that nobody has to read are not told as read", () => {
  const bench = inRoom();
  bench.client.look("general");
  bench.hear("entry", message("general", 3, { type: "reaction:added", target: 1, emoji: "👍" }));
  hears(bench, 4, { user_id: "user1" });
  assert.deepEqual(answered(bench), []);
});

test("a mark that was not answered is told again after a broken connection", () => {
  const bench = inRoom();
  bench.client.look("general");
  hears(bench, 3);
  assert.equal(bench.one("read").data.seq, 3);
  bench.close(1006);
  bench.pass(500);
  bench.letIn();
  assert.equal(bench.one("read").data.seq, 3);
});

test("a mark refused for now is told later, one refused for good never, and a deaf server is left alone", () => {
  for (const [code, again] of /** @type {[string, number][]} */ ([["busy", 1], ["not_in_room", 0], ["unknown_type", 0]])) {
    const bench = inRoom();
    bench.client.look("general");
    hears(bench, 3);
    bench.hear("error", { code, message: "" }, bench.one("read").id);
    bench.pass(5_000);
    assert.equal(bench.sent("read").length, again, code);
    hears(bench, 4);
    bench.pass(5_000);
    assert.equal(bench.sent("read").length, code === "not_in_room" ? 1 : 0, code);
  }
});

test("what was read on another device counts no longer here", () => {
  const bench = inRoom();
  for (const seq of [3, 4, 5]) hears(bench, seq);
  bench.hear("read", { room: "general", user: "user1", seq: 4 });
  assert.equal(bench.client.unread.of("general"), 1);
  bench.hear("read", { room: "general", user: "user1", seq: 3 });
  assert.equal(bench.client.unread.of("general"), 1, "a mark does not move back");
  bench.hear("read", { room: "general", user: "user1", seq: 5 });
  assert.equal(bench.client.unread.of("general"), 0);
});

test("where the lines do not reach back to the mark, the server is asked, once", () => {
  const bench = new Bench().signedIn();
  const room = info("general", { last_seq: 900, read_seq: 10, unread: 800 });
  bench.hear("rooms", { rooms: [room] }, bench.one("room:list").id);
  bench.inRoom("general", [message("general", 900)], { more: true });
  for (const seq of [200, 300]) bench.hear("read", { room: "general", user: "user1", seq });
  bench.hear("rooms", { rooms: [{ ...room, read_seq: 300, unread: 550 }] }, bench.one("room:list").id);
  assert.equal(bench.client.unread.of("general"), 550);
});

test("how far others have read is known where it is told", () => {
  const bench = inRoom();
  for (const seq of [2, 1]) bench.hear("read", { room: "general", user: "u9", seq });
  assert.deepEqual([...(bench.client.rooms.get("general")?.readers ?? [])], [["u9", 2]]);
});

test("a deleted message counts no longer", () => {
  const bench = inRoom();
  hears(bench, 3, { mentions: ["user1"] });
  hears(bench, 4);
  bench.hear("entry", message("general", 5, { type: "message:deleted", target: 3 }));
  assert.deepEqual([bench.client.unread.of("general"), bench.client.unread.mentionsOf("general")], [1, 0]);
});

test("of rooms that are not joined the server tells, and never more than lies after the mark", () => {
  const bench = new Bench().signedIn();
  bench.hear("rooms", { rooms: [info("r", { mentions: 2 })] }, bench.one("room:list").id);
  assert.deepEqual([bench.client.unread.of("r"), bench.client.unread.mentionsOf("r")], [7, 2]);
  bench.client.unread.read("r", 8);
  bench.hear("room:changed", info("r", { last_seq: 11, unread: 8 }));
  assert.equal(bench.client.unread.of("r"), 3);
  bench.hear("room:changed", info("r", { last_seq: 12, read_seq: 9, unread: 1 }));
  assert.equal(bench.client.unread.of("r"), 1);
});

test("an older word of the server does not bring back what was counted since", () => {
  const bench = inRoom();
  hears(bench, 3);
  bench.hear("room:changed", info("general", { last_seq: 2, read_seq: 2, unread: 0 }));
  assert.equal(bench.client.unread.of("general"), 1);
  bench.hear("room:changed", info("general", { last_seq: 3, read_seq: 2, unread: 1 }));
  assert.equal(bench.client.unread.of("general"), 1);
});

test("after a break nothing is counted twice: neither by the list nor by the missed page", () => {
  const bench = inRoom();
  hears(bench, 3);
  bench.close(1006);
  bench.pass(500);
  bench.letIn();
  bench.hear("rooms", { rooms: [info("general", { last_seq: 4, read_seq: 2, unread: 2 })] }, bench.one("room:list").id);
  bench.hear("history", history("general", [4, 5].map((seq) => message("general", seq))), bench.one("join:room").id);
  assert.equal(bench.client.unread.of("general"), 3);
});

test("the list follows what its rooms tell of themselves, and nothing twice", () => {
  const bench = inRoom();
  const tell = (/** @type {number} */ seq, /** @type {object} */ more) => bench.hear("entry", message("general", seq, more));
  tell(3, { type: "room:updated", title: "All of us", archived: true });
  tell(4, { type: "room:updated", topic: "x" });
  tell(5, { type: "member:added", member: "u9" });
  tell(5, { type: "member:added", member: "u9" });
  tell(6, { type: "member:role", member: "user1", role: "owner" });
  tell(7, { type: "member:role", member: "u9", role: "moderator" });
  const { title, topic, archived, members, role } = bench.client.list?.get("general") ?? {};
  assert.deepEqual({ title, topic, archived, members, role }, { title: "All of us", topic: "x", archived: true, members: 3, role: "owner" });
});

test("a server that was put back to an earlier time is believed anew", () => {
  const bench = inRoom();
  bench.hear("room:changed", info("random", { last_seq: 300, read_seq: 290, unread: 3 }));
  bench.client.say("general", "acknowledged and lost", bench.now);
  bench.hear("ack", { room: "general", seq: 3 }, bench.one("chat").id);
  bench.close(1001);
  bench.pass(400);
  bench.letIn();
  bench.hear("history", history("general", [message("general", 1)], { epoch: "e2", reset: true }), bench.one("join:room").id);
  const rooms = [info("general", { last_seq: 1, read_seq: 1, unread: 0 }), info("random", { last_seq: 50, read_seq: 40, unread: 2 })];
  bench.hear("rooms", { rooms }, bench.one("room:list").id);
  bench.hear("rooms", { rooms }, bench.one("room:list").id);
  assert.deepEqual([bench.client.unread.of("random"), bench.client.unread.markOf("random")], [2, 40]);
  assert.deepEqual(bench.client.outbox.of("general"), []);
  hears(bench, 2);
  assert.equal(bench.client.unread.of("general"), 1);
  bench.client.look("general");
  assert.deepEqual(answered(bench), [2]);
});

test("a long list comes in pages, and what was told meanwhile is not put back", () => {
  const bench = new Bench().signedIn();
  const first = bench.one("room:list");
  assert.equal(first.data.after, undefined);
  bench.hear("rooms", { rooms: [info("a"), info("b", { topic: "old" })], more: true }, first.id);
  const listed = () => bench.client.list;
  assert.equal(listed(), null);
  const second = bench.one("room:list");
  assert.equal(second.data.after, "b");
  bench.hear("room:changed", info("b", { topic: "new" }));
  bench.hear("rooms", { rooms: [info("c")], more: false }, second.id);
  assert.deepEqual([...(listed()?.keys() ?? [])], ["a", "b", "c"]);
  assert.equal(listed()?.get("b")?.topic, "new");
  assert.deepEqual(bench.sent("room:list"), []);
});

test("what the list has counted beyond what was seen here stays unread, until the server says", () => {
  const unread = new Unread();
  unread.listed(/** @type {any} */ ({ room: "general", readSeq: 0, lastSeq: 29, unread: 12, mentions: 3 }));
  unread.read("general", 16);
  assert.deepEqual([unread.of("general"), unread.mentionsOf("general"), unread.isRough("general")], [12, 3, true]);
  unread.read("general", 27);
  assert.deepEqual([unread.of("general"), unread.mentionsOf("general")], [2, 2]);
  unread.read("general", 29);
  assert.deepEqual([unread.of("general"), unread.isRough("general")], [0, false]);
});
