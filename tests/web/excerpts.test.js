/** Parts of a log besides its end: threads, pins, the lines around a number, quotes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Bench, history, message } from "./bench.js";

const lines = (/** @type {number[]} */ ...seqs) => seqs.map((seq) => message("general", seq));

/** In a room whose log shows the number before *last*, and that. */
const inRoom = (last = 91) => {
  const bench = new Bench().signedIn();
  bench.sent();
  bench.inRoom("general", lines(last - 1, last), { more: true });
  return bench;
};

/** @param {Bench} bench */
const room = (bench) => /** @type {import("../../src/conclave/web/client/room.js").Room} */ (bench.client.rooms.get("general"));

/** @param {{lines: {seq: number}[]} | null} part */
const seqs = (part) => part?.lines.map(({ seq }) => seq);

/** Answer the one question that was asked; return it. @param {Bench} bench @param {any[]} messages @param {object} [numbers] */
const answer = (bench, messages, numbers) => {
  const { id, data } = bench.one("get:history");
  bench.hear("history", history("general", messages, { last_seq: 91, ...numbers }), id);
  return data;
};

/** @param {Bench} bench */
const again = (bench) => {
  bench.close(1006);
  bench.pass(500);
  bench.letIn();
};

test("a thread is asked for, and its answers, edits and deletions come by themselves", () => {
  const bench = inRoom();
  bench.client.pages.readThread("general", 5);
  assert.deepEqual(answer(bench, [message("general", 5), message("general", 8, { thread: 5 })]), { room: "general", thread: 5 });
  bench.hear("chat", message("general", 92, { thread: 5 }));
  bench.hear("chat", message("general", 93, { thread: 6 }));
  bench.hear("entry", message("general", 94, { type: "message:edited", target: 8, text: "new" }));
  assert.deepEqual(seqs(room(bench).thread), [5, 8, 92]);
  assert.equal(room(bench).thread?.line(8)?.text, "new");
  bench.client.pages.closeThread("general");
  assert.equal(room(bench).thread, null);
});

test("pinned messages come and go, also those the log does not show", () => {
  const bench = inRoom();
  bench.client.pages.readPinned("general");
  assert.deepEqual(answer(bench, [message("general", 5, { pinned: true })]), { room: "general", pinned: true });
  bench.hear("entry", message("general", 92, { type: "message:pinned", target: 90 }));
  assert.deepEqual(seqs(room(bench).pinned), [5, 90]);
  bench.hear("entry", message("general", 93, { type: "message:unpinned", target: 5 }));
  bench.hear("entry", message("general", 94, { type: "message:deleted", target: 90 }));
  assert.deepEqual(seqs(room(bench).pinned), []);
  bench.hear("entry", message("general", 95, { type: "message:pinned", target: 7 }));
  answer(bench, [message("general", 7, { pinned: true })], { last_seq: 95 });
  assert.deepEqual(seqs(room(bench).pinned), [7]);
});

test("the lines around a number stand in place of the log until they reach it", () => {
  const bench = inRoom();
  bench.client.pages.readAround("general", 50);
  assert.deepEqual(answer(bench, lines(49, 50, 51), { more: true, last_seq: 91 }), { room: "general", around: 50 });
  const part = room(bench).around;
  assert.deepEqual([part?.olderLeft, part?.newerLeft], [true, true]);
  bench.client.pages.readOlder("general");
  assert.equal(answer(bench, lines(47, 48), { more: true }).before, 49);
  bench.client.pages.readNewer("general");
  assert.equal(answer(bench, lines(52, 53), { more: true }).after, 51);
  assert.deepEqual(seqs(room(bench).around), [47, 48, 49, 50, 51, 52, 53]);
  bench.client.pages.readNewer("general");
  answer(bench, lines(88, 89, 90), { more: true });
  assert.equal(room(bench).around, null);
  assert.deepEqual(seqs(room(bench).log), [47, 48, 49, 50, 51, 52, 53, 88, 89, 90, 91]);
  assert.equal(room(bench).log.olderLeft, true);
});

test("who reads on and on keeps what is near: the far end goes, and can be read again", () => {
  const bench = inRoom(20_000);
  const numbers = { more: true, last_seq: 20_000 };
  const from = (/** @type {number} */ first) => lines(...Array.from({ length: 100 }, (_, at) => first + at));
  const ends = () => [room(bench).around?.lines[0]?.seq, room(bench).around?.lines.at(-1)?.seq];
  bench.client.pages.readAround("general", 10_000);
  answer(bench, from(10_000), numbers);
  for (let first = 9_900; first > 6_000; first -= 100) {
    bench.client.pages.readOlder("general");
    answer(bench, from(first), numbers);
  }
  assert.deepEqual(ends(), [6_100, 10_099]);
  bench.client.pages.readOlder("general");
  answer(bench, from(6_000), numbers);
  assert.deepEqual(ends(), [6_000, 8_999]);
  for (let first = 9_000; first < 10_100; first += 100) {
    bench.client.pages.readNewer("general");
    assert.equal(answer(bench, from(first), numbers).after, first - 1);
  }
  assert.deepEqual(ends(), [7_100, 10_099]);
  assert.equal(room(bench).around?.olderLeft, true);
});

test("a number the log shows needs no other part", () => {
  const bench = inRoom();
  bench.client.pages.readAround("general", 90);
  assert.equal(room(bench).around, null);
  assert.deepEqual(bench.sent("get:history"), []);
});

test("what is open goes on over a broken connection, by the entries that were missed", () => {
  const bench = inRoom();
  bench.client.pages.readThread("general", 5);
  answer(bench, lines(5));
  again(bench);
  bench.hear("history", history("general", [message("general", 92, { thread: 5 })]), bench.one("join:room").id);
  assert.deepEqual(seqs(room(bench).thread), [5, 92]);
  assert.deepEqual(bench.sent("get:history"), []);
});

test("what was asked as the connection broke, or is of another time, is asked for again", () => {
  const bench = inRoom();
  bench.client.pages.readThread("general", 5);
  bench.one("get:history");
  again(bench);
  bench.hear("history", history("general", [], { upto: 91 }), bench.one("join:room").id);
  answer(bench, lines(5));
  again(bench);
  bench.hear("history", history("general", lines(2), { reset: true, epoch: "e2" }), bench.one("join:room").id);
  const { id, data } = bench.one("get:history");
  assert.equal(data.thread, 5);
  bench.hear("history", history("general", lines(1), { epoch: "e2" }), id);
  assert.deepEqual(seqs(room(bench).thread), [1]);
});

test("a refusal for good is said, one for now is tried again", () => {
  const bench = inRoom();
  bench.client.pages.readThread("general", 5);
  bench.hear("error", { code: "busy", message: "" }, bench.one("get:history").id);
  bench.pass(2_000);
  bench.pass(2_100);
  bench.hear("error", { code: "no_such_message", message: "" }, bench.one("get:history").id);
  assert.equal(room(bench).thread?.refusal, "no_such_message");
  bench.pass(60_000);
  assert.deepEqual(bench.sent("get:history"), []);
});

test("a quoted line is found where it is known, else asked for once, one at a time", () => {
  const bench = inRoom();
  const quote = (/** @type {number} */ seq) => bench.client.quoteOf("general", seq);
  assert.equal(quote(90)?.seq, 90);
  for (const seq of [5, 6, 5]) assert.equal(quote(seq), undefined);
  assert.deepEqual(answer(bench, lines(5)), { room: "general", around: 5, limit: 1 });
  bench.flush();
  answer(bench, lines(4));
  assert.deepEqual([quote(5)?.text, quote(6)], ["text 5", null]);
  bench.hear("entry", message("general", 92, { type: "message:deleted", target: 5 }));
  assert.equal(quote(5)?.deleted, true);
  assert.deepEqual(bench.sent("get:history"), []);
});
