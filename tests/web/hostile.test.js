/** K4 in small: a server that sends anything at all neither breaks nor fools a client. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { decode } from "../../src/conclave/web/client/wire.js";
import { Bench, history, message } from "./bench.js";
import { firstSeed, randomOf } from "./seeds.js";

const NO_FRAMES = [
  "", " ", "{", "[]", "0", "true", "null", '"x"', "NaN", '{"type":1}', '{"data":{}}', '{"type":null,"data":{}}',
  "\u0000", "{}}", '{"type":"chat"', "[".repeat(100_000), undefined, new ArrayBuffer(8), 7, {},
];

const VALUES = [
  null, true, 0, -1, 1.5, 1e308, 2 ** 53, "", "x", "__proto__", "constructor", [], [[]], {}, [null], { length: 5 },
  "x".repeat(100_000), { toString: null }, [{ room: "general", seq: 1e21 }], JSON.parse('{"__proto__": {"x": 1}}'),
];

const TYPES = [
  "system", "hello", "auth:response", "heartbeat", "error", "ack", "history", "presence", "typing", "rooms",
  "room:changed", "room:gone", "chat", "entry", "reconnect", "read", "members", "people", "search:results",
  "__proto__", "constructor", "toString", "",
];

/** What an entry may be called: of these some change a line. */
const ENTRIES = [
  "message", "message:edited", "message:deleted", "message:pinned", "message:unpinned", "reaction:added",
  "reaction:removed", "room:updated", "member:added", "member:removed", "member:role", "__proto__", "hasOwnProperty",
];

const FIELDS = [
  "type", "room", "seq", "id", "user", "user_id", "timestamp", "text", "messages", "epoch", "upto", "more", "reset",
  "users", "count", "rooms", "success", "heartbeat", "limits", "after_ms", "code", "active", "target", "emoji",
  "reactions", "mentions", "reply_to", "thread", "edited_at", "deleted", "pinned", "member", "member_name", "role",
  "title", "topic", "archived", "members", "hits", "snippet", "cursor", "read_seq", "unread", "first_seq", "last_seq",
  "client_id", "__proto__",
];

/** What a person may want meanwhile. @type {((bench: Bench) => unknown)[]} */
const WISHES = [
  ({ client, now }) => client.say("general", "x", now, { replyTo: 1, thread: 1, mentions: ["u"] }),
  ({ client, now }) => client.edit("general", 1, "x", now),
  ({ client, now }) => client.remove("general", 1, now),
  ({ client, now }) => client.react("general", 1, "__proto__", now),
  ({ client }) => client.pages.readThread("general", 1),
  ({ client }) => client.pages.readPinned("general"),
  ({ client }) => client.pages.readAround("general", 7),
  ({ client }) => client.pages.readOlder("general"),
  ({ client }) => client.pages.readNewer("general"),
  ({ client }) => client.quoteOf("general", 9),
  ({ client }) => client.look("general"),
  ({ client }) => client.lookAway(),
  ({ client }) => client.questions.search({ query: "x" }, (_, { hits }) => hits.forEach(({ snippet }) => snippet.forEach(({ text }) => assert.equal(typeof text, "string")))),
  ({ client }) => client.questions.members("general", null, (_, { members }) => members.forEach(({ id }) => assert.equal(typeof id, "string"))),
  ({ client }) => client.questions.people("x", (_, found) => found.forEach(({ id }) => assert.equal(typeof id, "string"))),
  ({ client }) => client.join("general"),
];

/** A line that may be shown without asking what it is. @param {import("../../src/conclave/web/client/wire.js").Entry} line */
function isWhole(line) {
  for (const text of [line.text, line.user, line.userId, line.id, line.type, ...line.mentions]) assert.equal(typeof text, "string");
  assert.ok(Number.isSafeInteger(line.seq) && line.seq > 0 && Number.isFinite(line.timestamp));
  for (const { emoji, count, users, me } of line.reactions) {
    assert.ok(typeof emoji === "string" && count >= users.length && count > 0 && typeof me === "boolean");
  }
}

test("what is no frame is dropped", () => {
  for (const text of NO_FRAMES) assert.equal(decode(text), null);
  assert.deepEqual(decode('{"type":"x","data":7,"id":3}'), { type: "x", data: {}, id: null });
});

test("frames of any shape leave the client alive, ready and unpolluted", () => {
  const random = randomOf(firstSeed);
  const any = (/** @type {any[]} */ list) => list[Math.floor(random() * list.length)];
  for (let run = 0; run < 150; run += 1) {
    const bench = new Bench().signedIn();
    bench.sent();
    bench.inRoom("general", [message("general", 1)]);
    for (let n = 0; n < 40; n += 1) {
      const data = Object.fromEntries(FIELDS.filter(() => random() < 0.4).map((field) => [field, any(VALUES)]));
      if (random() < 0.5) data.room = "general";
      if (random() < 0.3) data.type = any(ENTRIES);
      if (random() < 0.3) data.seq = (bench.client.rooms.get("general")?.log.upto ?? 0) + 1;
      const ids = [...bench.client.requests.waiting.keys(), null, "c-1", "unknown"];
      bench.hear(any(TYPES), data, any(ids));
      any(WISHES)(bench);
      bench.pass(Math.floor(random() * 100));
      assert.equal(bench.state.name, "ready", `seed ${firstSeed}`);
    }
    for (const room of bench.client.rooms.values()) {
      const seqs = room.log.lines.map((line) => line.seq);
      assert.deepEqual(seqs, [...new Set(seqs)].sort((a, b) => a - b), `seed ${firstSeed}`);
      for (const part of [room.log, ...room.excerpts]) part.lines.forEach(isWhole);
    }
  }
  assert.equal(/** @type {any} */ ({}).x, undefined);
});

test("numbers beyond what a number can hold are no numbers of lines", () => {
  const bench = new Bench().signedIn();
  bench.sent();
  bench.inRoom("general", [message("general", 1)]);
  for (const seq of [2 ** 53, 1e21, -1, 1.5, "2", null]) bench.hear("chat", message("general", 2, { seq }));
  assert.equal(bench.client.rooms.get("general")?.log.upto, 1);
});

test("a page for another room, or with lines of another room, stays outside", () => {
  const bench = new Bench().signedIn();
  bench.sent();
  bench.client.join("general");
  const { id } = bench.one("join:room");
  bench.hear("history", history("general", [message("secret", 1), message("general", 2)]), id);
  assert.deepEqual(bench.client.rooms.get("general")?.log.lines.map((line) => line.room), ["general"]);
});

test("a server that closes at once for ever is visited ever less often", () => {
  const bench = new Bench({ random: () => 1 });
  bench.client.signIn("token", bench.now);
  bench.flush();
  let visits = 0;
  const end = bench.now + 600_000;
  while (bench.now < end) {
    bench.letIn();
    bench.close(4006);
    visits += 1;
    bench.pass(bench.client.due - bench.now);
  }
  assert.ok(visits < 30, String(visits));
});

test("every event of the wire's examples is understood or ignored, none is dropped as broken", () => {
  const examples = JSON.parse(readFileSync(new URL("../wire/examples.json", import.meta.url), "utf8"));
  const frames = Object.values(examples).filter(Array.isArray).flat().map((example) => example.frame).filter(Boolean);
  assert.ok(frames.length > 20, "the examples have another shape: read them here too");
  const bench = new Bench().signedIn();
  for (const frame of frames) {
    assert.deepEqual(decode(JSON.stringify(frame))?.type, frame.type);
    bench.client.received(bench.generation, decode(JSON.stringify(frame)), bench.now);
  }
});

test("a server that resets for ever, or leaves gaps for ever, is asked once for each thing it says", () => {
  for (const answer of [{ reset: true }, { epoch: "e2" }, { more: true, upto: 1 }, { more: true, upto: 2 ** 52 }]) {
    const bench = new Bench().signedIn();
    bench.sent();
    bench.inRoom("general", [message("general", 1)]);
    let said = 0;
    let asked = 0;
    for (let n = 0; n < 200; n += 1) {
      bench.hear("chat", message("general", 1_000 + n * 2));
      said += 1;
      const frames = bench.sent();
      asked += frames.length;
      for (const { type, id } of frames) {
        if (type === "join:room") bench.hear("history", history("general", [message("general", 1)], answer), id);
        said += 1;
      }
    }
    assert.ok(asked <= said, `${asked} for ${said}`);
    assert.ok((bench.client.rooms.get("general")?.log.lines.length ?? 0) < 2_100);
  }
});

test("what a server heaps up is bounded", () => {
  const bench = new Bench().signedIn();
  bench.hear("rooms", { rooms: [] }, bench.one("room:list").id);
  bench.inRoom("general", [message("general", 1)]);
  for (let seq = 2; seq < 2_200; seq += 1) {
    bench.hear("chat", message("general", seq));
    bench.hear("read", { room: "general", user: `u${seq}`, seq });
    bench.hear("chat", { type: "user:joined", room: "general", text: `u${seq} has joined the room` });
  }
  for (let n = 0; n < 11_000; n += 1) bench.hear("room:changed", { room: `r${n}` });
  const room = bench.client.rooms.get("general");
  assert.ok((room?.log.lines.length ?? 0) <= 2_000 && (room?.notices.length ?? 0) <= 201 && (room?.readers.size ?? 0) <= 1_000);
  assert.ok((bench.client.list?.size ?? 0) <= 10_000);
  assert.equal(decode(JSON.stringify({ type: "chat", data: { text: "x".repeat(64 * 1024 * 1024) } })), null);
});

test("acks of what was not asked, of other rooms and of no numbers settle nothing else", () => {
  const bench = new Bench().signedIn();
  bench.sent();
  bench.inRoom("general", [message("general", 1)]);
  const id = bench.client.say("general", "mine", bench.now)?.id ?? "";
  for (const data of [{}, { room: "general", seq: 2 }, { seq: "x" }]) bench.hear("ack", data, "not-asked");
  bench.hear("ack", { room: "secret", seq: 2 ** 60 }, null);
  assert.equal(bench.client.outbox.items.get(id)?.state, "sent");
  bench.hear("chat", message("general", 2, { user_id: "u9", client_id: id, text: "not mine" }));
  assert.equal(bench.client.outbox.items.has(id), true, "somebody else's line is not one's own");
});
