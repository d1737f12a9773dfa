/** What entries make of lines; one's own are shown at once and sent until they are answered. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { applied } from "../../src/conclave/web/client/changes.js";
import { entryOf, historyOf } from "../../src/conclave/web/client/wire.js";
import { Bench, history, message, WALL } from "./bench.js";

/** @import { Entry, History } from "../../src/conclave/web/client/wire.js" */

/** @param {number} seq @param {object} [more] */
const line = (seq, more) => /** @type {Entry} */ (entryOf(message("general", seq, more)));

/** The message 1 after *changes*, whose numbers follow. @param {object[]} changes @param {object} [more] */
const after = (changes, more) =>
  changes.reduce((/** @type {Entry[]} */ lines, change, n) => applied(lines, line(n + 2, { target: 1, text: "", ...change }), "user1"), [line(1, more)])[0];

const inRoom = () => {
  const bench = new Bench().signedIn();
  bench.sent();
  return bench.inRoom("general", [message("general", 1), message("general", 2, { user_id: "user1" })]);
};

/** @param {Bench} bench @param {number} seq */
const shown = (bench, seq) => bench.client.linesOf("general").find((one) => one.seq === seq);

test("an edit gives the text and its time, and leaves mentions and reactions", () => {
  const found = after([{ type: "reaction:added", emoji: "👍", user_id: "u9" }, { type: "message:edited", text: "new" }], { mentions: ["u9"] });
  assert.deepEqual([found?.text, found?.editedAt, found?.mentions, found?.reactions.length], ["new", WALL + 3_000, ["u9"], 1]);
});

test("an edit that is not for this reader leaves what is known", () => {
  const found = after([{ type: "message:edited", text: "new" }, { type: "message:edited", text: "" }]);
  assert.deepEqual([found?.text, found?.editedAt, found?.asOf], ["new", WALL + 2_000, 3]);
});

test("what was hidden so far can be asked for once the room hides it no more", () => {
  const bench = inRoom();
  const left = () => bench.client.rooms.get("general")?.log.olderLeft;
  bench.hear("entry", message("general", 3, { type: "room:updated", text: "", history: "joined" }));
  assert.equal(left(), false);
  bench.hear("entry", message("general", 4, { type: "room:updated", text: "", history: "all" }));
  assert.equal(left(), true);
});

test("a position has the id of its entry, also where that is no line of the page", () => {
  const bench = inRoom();
  bench.client.rooms.get("general")?.log.begin(/** @type {History} */ (historyOf(history("general", [message("general", 1)], { last_seq: 3, upto: 3, upto_id: "r-3" }))));
  assert.equal(bench.client.rooms.get("general")?.log.position?.id, "r-3");
});

test("a deletion leaves the number and what was answered, and nothing changes it again", () => {
  const everything = { reply_to: 7, thread: 8, mentions: ["u9"], pinned: true, edited_at: 5, reactions: [{ emoji: "👍", count: 1, users: ["u9"], me: false }] };
  const deleted = { type: "message:deleted" };
  const found = after([deleted, { type: "message:edited", text: "x" }, { type: "reaction:added", emoji: "👍" }, { type: "message:pinned" }], everything);
  const { text, replyTo, thread, mentions, pinned, editedAt, reactions } = found ?? {};
  assert.deepEqual({ text, replyTo, thread, mentions, pinned, editedAt, reactions }, {
    text: "", replyTo: 7, thread: 8, mentions: [], pinned: false, editedAt: null, reactions: [],
  });
});

test("reactions are summed in an order that a page has too; each person gives one once", () => {
  const add = (/** @type {string} */ emoji, /** @type {string} */ user_id) => ({ type: "reaction:added", emoji, user_id });
  const found = after([add("👍", "u9"), add("❤", "u9"), add("👍", "user1"), add("👍", "user1"), { type: "reaction:removed", emoji: "❤", user_id: "u9" }]);
  assert.deepEqual(found?.reactions, [{ emoji: "👍", count: 2, users: ["u9", "user1"], me: true }]);
  assert.deepEqual(after([{ type: "reaction:removed", emoji: "👍", user_id: "u9" }])?.reactions, []);
});

test("the order of reactions is the same for who was there and who comes now", () => {
  const change = (/** @type {string} */ type, /** @type {string} */ emoji, /** @type {string} */ user_id) => ({ type: `reaction:${type}`, emoji, user_id });
  const stream = after([change("added", "👍", "u1"), change("added", "❤", "u2"), change("added", "👍", "u3"), change("removed", "👍", "u1")]);
  const sums = [{ emoji: "👍", count: 1, users: ["u3"], me: false }, { emoji: "❤", count: 1, users: ["u2"], me: false }];
  for (const reactions of [sums, sums.toReversed()]) assert.deepEqual(line(1, { reactions }).reactions, stream?.reactions);
});

test("beyond the twenty who are named reactions are counted, and taken back", () => {
  const users = Array.from({ length: 20 }, (_, n) => `u${n}`);
  const many = { reactions: [{ emoji: "👍", count: 25, users, me: true }] };
  const change = (/** @type {string} */ type, /** @type {string} */ user_id) => ({ type: `reaction:${type}`, emoji: "👍", user_id });
  assert.equal(after([change("added", "new")], many)?.reactions[0]?.count, 26);
  assert.equal(after([change("added", "user1")], many)?.reactions[0]?.count, 25, "one's own is there already");
  const left = after([change("removed", "user1"), change("removed", "u3"), change("removed", "beyond")], many)?.reactions[0];
  assert.deepEqual([left?.count, left?.me, left?.users.length], [22, false, 19]);
});

test("pins come and go", () => {
  assert.equal(after([{ type: "message:pinned" }])?.pinned, true);
  assert.equal(after([{ type: "message:pinned" }, { type: "message:unpinned" }])?.pinned, false);
});

test("a page that shows messages as they are now is not changed by what it has in it already", () => {
  const bench = new Bench().signedIn();
  bench.sent();
  const now = message("general", 1, { text: "second", edited_at: 9, reactions: [{ emoji: "👍", count: 21, users: ["u9"], me: false }] });
  bench.inRoom("general", [now], { last_seq: 4, upto: 2 });
  bench.hear("entry", message("general", 3, { type: "message:edited", target: 1, text: "first" }));
  bench.hear("entry", message("general", 4, { type: "reaction:added", target: 1, emoji: "👍", user_id: "beyond" }));
  assert.deepEqual([shown(bench, 1)?.text, shown(bench, 1)?.reactions[0]?.count], ["second", 21]);
  bench.hear("entry", message("general", 5, { type: "message:edited", target: 1, text: "third" }));
  assert.equal(shown(bench, 1)?.text, "third");
});

test("changes are no lines, those of unknown lines change nothing, and all move the position", () => {
  const bench = inRoom();
  bench.hear("entry", message("general", 3, { type: "reaction:added", target: 99, emoji: "👍" }));
  bench.hear("entry", message("general", 4, { type: "message:edited", target: 1, text: "new" }));
  bench.hear("entry", message("general", 5, { type: "of:a:newer:server" }));
  bench.hear("entry", message("general", 6, { type: "room:updated", title: "x" }));
  const { log } = bench.client.rooms.get("general") ?? {};
  assert.deepEqual(log?.lines.map(({ seq }) => seq), [1, 2, 6]);
  assert.equal(log?.upto, 6);
});

test("missed entries are applied in order, also to lines that were known before", () => {
  const bench = inRoom();
  bench.close(1006);
  bench.pass(500);
  bench.letIn();
  const missed = [
    message("general", 3, { type: "message:edited", target: 1, text: "new" }),
    message("general", 4),
    message("general", 5, { type: "message:deleted", target: 4 }),
  ];
  bench.hear("history", history("general", missed), bench.one("join:room").id);
  assert.deepEqual(bench.client.linesOf("general").map(({ text, deleted }) => (deleted ? "–" : text)), ["new", "text 2", "–"]);
});

test("one's own change is shown at once, sent once, and the line's own when it is told", () => {
  const bench = inRoom();
  const { client } = bench;
  const id = client.react("general", 1, "👍", bench.now)?.id;
  const before = shown(bench, 1);
  assert.deepEqual(before?.reactions, [{ emoji: "👍", count: 1, users: ["user1"], me: true }]);
  assert.equal(shown(bench, 1), before, "the same object while nothing changes");
  assert.equal(client.rooms.get("general")?.log.line(1)?.reactions.length, 0);
  assert.deepEqual(bench.sent("reaction:add"), [{ type: "reaction:add", data: { room: "general", target: 1, emoji: "👍" }, id }]);
  bench.hear("ack", { room: "general", seq: 3 }, id);
  bench.hear("entry", message("general", 3, { type: "reaction:added", target: 1, emoji: "👍", user_id: "user1", client_id: id }));
  assert.equal(client.outbox.items.size, 0);
  assert.deepEqual(client.linesOf("general")[0]?.reactions, before?.reactions);
});

test("each kind of change goes out as the protocol says", () => {
  const bench = inRoom();
  const { client, now } = bench;
  const wanted = [client.edit("general", 2, "x", now), client.remove("general", 2, now), client.pin("general", 1, now),
    client.unpin("general", 1, now), client.react("general", 1, "❤", now), client.unreact("general", 1, "❤", now)];
  client.say("general", "hi", now, { replyTo: 1, thread: 2, mentions: ["u9"] });
  const sent = [];
  for (const seq of [3, 4, 5, 6, 7, 8, 9]) {
    const frame = bench.sent().at(-1);
    sent.push([frame?.type, frame?.data]);
    bench.hear("ack", { room: "general", seq }, frame?.id);
  }
  const on = (/** @type {number} */ target, /** @type {object} */ more = {}) => ({ room: "general", target, ...more });
  assert.deepEqual(sent, [
    ["message:edit", on(2, { text: "x" })], ["message:delete", on(2)], ["message:pin", on(1)], ["message:unpin", on(1)],
    ["reaction:add", on(1, { emoji: "❤" })], ["reaction:remove", on(1, { emoji: "❤" })],
    ["chat", { room: "general", text: "hi", reply_to: 1, thread: 2, mentions: ["u9"] }],
  ]);
  assert.ok(wanted.every((item) => item !== null));
});

test("a change is sent again under its id after a broken connection", () => {
  const bench = inRoom();
  const id = bench.client.remove("general", 2, bench.now)?.id;
  bench.sent();
  bench.close(1006);
  assert.equal(shown(bench, 2)?.deleted, true);
  bench.pass(500);
  bench.letIn();
  bench.hear("history", history("general", [], { upto: 2 }), bench.one("join:room").id);
  assert.deepEqual(bench.sent("message:delete").map((frame) => frame.id), [id]);
});

test("a refused reaction is undone and said; a refused edit stays, to be sent again or dropped", () => {
  const bench = inRoom();
  const { client } = bench;
  client.react("general", 1, "👍", bench.now);
  bench.hear("error", { code: "forbidden", message: "as many as may be" }, bench.one("reaction:add").id);
  assert.deepEqual(shown(bench, 1)?.reactions, []);
  assert.equal(client.said?.code, "forbidden");
  const id = client.edit("general", 2, "new", bench.now)?.id ?? "";
  assert.equal(shown(bench, 2)?.text, "new");
  bench.hear("error", { code: "too_long", message: "" }, bench.one("message:edit").id);
  assert.equal(shown(bench, 2)?.text, "text 2");
  assert.deepEqual(client.outbox.changesOf("general", 2).map(({ state, code, text }) => [state, code, text]), [["failed", "too_long", "new"]]);
  client.sayAgain(id, bench.now);
  assert.equal(bench.one("message:edit").id, id);
});

test("what was so already is settled by the ack of the entry that made it so", () => {
  const bench = inRoom();
  bench.client.pin("general", 1, bench.now);
  bench.hear("ack", { room: "general", seq: 1 }, bench.one("message:pin").id);
  assert.equal(bench.client.outbox.items.size, 0);
});

test("pending messages and changes are told apart", () => {
  const bench = inRoom();
  bench.client.react("general", 1, "👍", bench.now);
  bench.client.say("general", "hi", bench.now);
  assert.deepEqual(bench.client.outbox.of("general").map(({ text }) => text), ["hi"]);
  assert.equal(bench.client.outbox.waiting, 1);
});

test("a room that is taken away says why, and what was not sent stays to be copied", () => {
  const bench = inRoom();
  bench.client.say("general", "1", bench.now);
  bench.hear("room:gone", { room: "general", reason: "banned", text: "enough", until: 9 });
  assert.deepEqual(bench.client.gone, { room: "general", title: "general", reason: "banned", text: "enough", until: 9 });
  assert.equal(bench.client.rooms.has("general"), false);
  assert.deepEqual(bench.client.outbox.of("general").map(({ code }) => code), ["not_in_room"]);
});

test("quitting ends it without a word, and drops what was not sent", () => {
  const bench = inRoom();
  /** @type {any[]} */
  const said = [];
  bench.client.say("general", "1", bench.now);
  bench.client.quit("general", (refusal) => said.push(refusal));
  bench.hear("room:gone", { room: "general", reason: "quit" });
  bench.hear("ack", {}, bench.one("room:quit").id);
  assert.deepEqual([said, bench.client.gone, bench.client.outbox.items.size], [[null], null, 0]);
});

test("a message of files alone says what they are called, and a hostile list breaks nothing", () => {
  const file = (/** @type {unknown} */ name) => ({ id: "0".repeat(32), name });
  assert.equal(line(9, { text: "", attachments: [file("a.png"), file("b.txt")] }).text, "a.png, b.txt");
  assert.equal(line(9, { text: "see", attachments: [file("a.png")] }).text, "see");
  assert.equal(line(9, { text: "", attachments: [null, 7, { name: "no file" }, file({}), file("c")] }).text, "?, c");
  assert.equal(line(9, { text: "", attachments: "x" }).text, "");
});
