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
  "room:changed", "room:gone", "chat", "entry", "reconnect", "read", "__proto__", "constructor", "toString", "",
];

const FIELDS = [
  "type", "room", "seq", "id", "user", "user_id", "timestamp", "text", "messages", "epoch", "upto", "more", "reset",
  "users", "count", "rooms", "success", "heartbeat", "limits", "after_ms", "code", "active", "__proto__",
];

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
      const ids = [...bench.client.requests.waiting.keys(), null, "c-1", "unknown"];
      bench.hear(any(TYPES), data, any(ids));
      bench.client.say("general", "x", bench.now);
      bench.pass(Math.floor(random() * 100));
      assert.equal(bench.state.name, "ready", `seed ${firstSeed}`);
    }
    for (const room of bench.client.rooms.values()) {
      const seqs = room.log.lines.map((line) => line.seq);
      assert.deepEqual(seqs, [...new Set(seqs)].sort((a, b) => a - b), `seed ${firstSeed}`);
      for (const line of room.log.lines) assert.equal(typeof line.text, "string");
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
