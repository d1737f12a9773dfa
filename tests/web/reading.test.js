/** Rows of a long log: kept from one time to the next, measured, and drawn where one is. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Drawing } from "../../src/conclave/web/app/drawing.js";
import { dress, Dressing } from "../../src/conclave/web/app/dressing.js";
import { Heights } from "../../src/conclave/web/app/heights.js";
import { Timeline } from "../../src/conclave/web/app/timeline.js";
import { nextRange, rangesOf, within } from "../../src/conclave/web/app/windows.js";
import { entryOf } from "../../src/conclave/web/client/wire.js";
import { Bench, history, message } from "./bench.js";
import { firstSeed, randomOf } from "./seeds.js";

/** @import { Known } from "../../src/conclave/web/app/timeline.js" */
/** @import { Entry } from "../../src/conclave/web/client/wire.js" */

const NOON = new Date(2026, 10, 22, 12).getTime();

/** @param {number} seq @param {object} [more] */
const line = (seq, more = {}) => /** @type {Entry} */ (entryOf(message("general", seq, { timestamp: NOON + seq * 90_000, ...more })));

/** @param {Partial<Known>} known @returns {Known} */
const known = (known) => ({ lines: [], notices: [], pending: [], newFrom: null, me: "user1", ...known });

/** @param {Known} all */
function anew(all) {
  const timeline = new Timeline();
  timeline.update(all);
  return timeline;
}

const KINDS = ["message", "message", "message", "message", "member:added", "room:updated", "unknown"];

test("rows that are kept are the rows that would be made anew, whatever comes in whatever order", () => {
  for (let seed = firstSeed; seed < firstSeed + 100; seed += 1) {
    const random = randomOf(seed);
    const pick = (/** @type {number} */ n) => Math.floor(random() * n);
    const timeline = new Timeline();
    let all = known({ lines: [line(500)] });
    let next = 501;
    let first = 500;
    for (let turn = 0; turn < 40; turn += 1) {
      const { lines, notices } = all;
      const more = () => line(next, { type: KINDS[pick(KINDS.length)], user_id: `u${pick(2)}`, member: "u9", member_name: "ana", thread: pick(4) === 0 ? 500 : null });
      const what = pick(7);
      if (what <= 1) all = { ...all, lines: [...lines, more()] };
      else if (what === 2) all = { ...all, lines: lines.with(pick(lines.length), { .../** @type {Entry} */ (lines[pick(lines.length)]) }).toSorted((a, b) => a.seq - b.seq) };
      else if (what === 3) all = { ...all, notices: [...notices, /** @type {any} */ ({ type: "user:joined", name: "kim", timestamp: NOON, after: next - 1, key: `n${turn}` })] };
      else if (what === 4) all = { ...all, pending: pick(2) === 0 ? [] : [/** @type {any} */ ({ id: `c${turn}`, at: NOON, text: "x" })] };
      else if (what === 5) all = { ...all, lines: [line((first -= 1), { user_id: "u1" }), ...lines] };
      else all = { ...all, lines: lines.slice(pick(2)), newFrom: pick(3) === 0 ? (lines.at(-1)?.seq ?? null) : null };
      if (all.lines.length === 0) all = { ...all, lines: [line(next)] };
      next += 1;
      const before = timeline.rows.map(({ key }) => key);
      const from = timeline.update(all);
      const fresh = anew(all);
      assert.deepEqual(timeline.rows, fresh.rows, `seed ${seed}`);
      assert.deepEqual([...timeline.replies].filter(([, count]) => count > 0), [...fresh.replies], `seed ${seed}`);
      assert.deepEqual(timeline.rows.slice(0, from).map(({ key }) => key), before.slice(0, from), `seed ${seed}`);
      for (const { seq } of all.lines) assert.equal(timeline.placeOf(seq), fresh.placeOf(seq), `seed ${seed}`);
    }
  }
});

test("one line more leaves the rows above as they were, of ten thousand", () => {
  const timeline = new Timeline();
  const lines = Array.from({ length: 10_000 }, (_, n) => line(n + 1));
  timeline.update(known({ lines }));
  const rows = [...timeline.rows];
  const more = [...lines, line(10_001)];
  assert.equal(timeline.update(known({ lines: more })), rows.length - 1);
  assert.ok(rows.every((row, n) => row === timeline.rows[n]));
  const edited = more.with(5_000, { ...line(5_001), text: "edited" });
  timeline.update(known({ lines: edited }));
  const place = timeline.placeOf(5_001);
  assert.notEqual(timeline.rows[place], rows[place]);
  assert.equal(timeline.rows[place + 1], rows[place + 1]);
});

test("a row that shows the same is the same, and another one when it does not", () => {
  const around = { me: "me", marked: null, quoteOf: () => null, namesOf: () => [{ id: "a", name: "ana" }], changeOf: () => null, repliesOf: () => 0 };
  const { rows } = anew(known({ lines: [line(1, { mentions: ["a"] }), line(2)] }));
  const dressing = new Dressing();
  const one = dressing.all(rows, around);
  assert.ok(dressing.all(rows, around).every((row, n) => row === one[n]));
  const marked = dressing.all(rows, { ...around, marked: 2 });
  assert.deepEqual(marked.map((row, n) => row === one[n]), [true, true, false]);
  const renamed = dressing.all(rows, { ...around, marked: 2, namesOf: () => [{ id: "a", name: "anna" }] });
  assert.deepEqual(renamed.map((row, n) => row === marked[n]), [true, false, false]);
  assert.deepEqual(dressing.all(rows.slice(0, 1), around), [dress(/** @type {any} */ (rows[0]), around)]);
});

/** @param {number} count @param {number} px */
function heightsOf(count, px) {
  const heights = new Heights();
  heights.set(anew(known({ lines: Array.from({ length: count }, (_, n) => line(n + 1)) })).rows, 0);
  for (const key of heights.keys) heights.measure(key, px);
  return heights;
}

test("rows stand where their heights put them, and move by what was measured", () => {
  const heights = heightsOf(1_000, 20);
  const { count } = heights;
  assert.equal(heights.total, count * 20);
  assert.equal(heights.at(105), 5);
  assert.equal(heights.at(-5), 0);
  assert.equal(heights.at(1e9), count - 1);
  assert.equal(heights.measure("s3", 70), true);
  assert.equal(heights.measure("s3", 70), false);
  assert.equal(heights.total, count * 20 + 50);
  const at = heights.places.get("s3") ?? -1;
  assert.equal(heights.top(at + 1) - heights.top(at), 70);
  assert.equal(heights.measure("gone", 70), false);
});

test("a row that nobody saw is guessed from those that are like it", () => {
  const heights = new Heights();
  const long = "x".repeat(400);
  const lines = Array.from({ length: 40 }, (_, n) => line(n + 1, { text: n % 2 === 0 ? long : "short" }));
  const timeline = anew(known({ lines }));
  heights.set(timeline.rows, 0);
  const tall = (/** @type {any} */ row) => row.entry?.text === long;
  for (const row of timeline.rows) heights.measure(row.key, tall(row) ? 150 : 25);
  const from = timeline.update(known({ lines: [...lines, line(41, { text: long }), line(42, { text: "brief" })] }));
  heights.set(timeline.rows, from);
  assert.deepEqual(heights.sizes.slice(-2).map(Math.round), [150, 25]);
});

test("what was measured is known again when rows come back, and forgotten in the end", () => {
  const heights = heightsOf(100, 33);
  const rows = heights.rows;
  heights.set([], 0);
  heights.set(rows, 0);
  assert.equal(heights.total, rows.length * 33);
  for (let n = 0; n < 100; n += 1) {
    heights.set(anew(known({ lines: Array.from({ length: 100 }, (_, at) => line(1_000 + n * 100 + at)) })).rows, 0);
    for (const key of heights.keys) heights.measure(key, 20);
  }
  assert.ok(heights.measured.size < 1_400, String(heights.measured.size));
});

test("what is in sight is always drawn, the rest in steps, and then there is rest", () => {
  const heights = heightsOf(10_000, 25);
  for (let seed = firstSeed; seed < firstSeed + 60; seed += 1) {
    const random = randomOf(seed);
    const seen = { top: random() * heights.total, height: 800 };
    /** @type {import("../../src/conclave/web/app/windows.js").Range | null} */
    let range = null;
    for (let turn = 0; turn < 60; turn += 1) {
      if (turn < 30) seen.top = Math.max(0, seen.top + (random() - 0.5) * (random() < 0.1 ? 50_000 : 2_000));
      const next = nextRange(heights, seen, range);
      const sight = within(heights, seen, 0);
      assert.ok(next.range.from <= sight.from && next.range.to >= sight.to, `seed ${seed}`);
      assert.ok(next.range.to - next.range.from <= 7 * 32 + 3, `seed ${seed}`);
      range = next.range;
      if (turn === 59) assert.equal(next.more, false, `seed ${seed}`);
    }
    const ahead = within(heights, seen, 2);
    assert.ok(range !== null && range.from <= ahead.from && range.to >= ahead.to, `seed ${seed}`);
  }
});

test("rows that must not go are drawn where they are", () => {
  assert.deepEqual(rangesOf({ from: 10, to: 20 }, [3, 3, 12, 40, -1], 30), [{ from: 3, to: 4 }, { from: 10, to: 20 }]);
  assert.deepEqual(rangesOf({ from: 0, to: 0 }, [], 0), []);
});

test("an open log keeps ten thousand lines, and what its reader looks at besides", () => {
  const bench = new Bench().signedIn();
  bench.inRoom("general", [message("general", 1)]);
  const room = bench.client.rooms.get("general");
  assert.ok(room !== undefined);
  room.log.open = true;
  const say = (/** @type {number} */ from, /** @type {number} */ to) => {
    for (let seq = from; seq < to; seq += 1) bench.hear("chat", message("general", seq));
  };
  say(2, 10_500);
  room.log.reader = 40;
  say(10_500, 10_502);
  assert.equal(room.log.lines.length, 10_000);
  assert.equal(room.around?.line(40)?.text, "text 40");
  assert.deepEqual([room.around?.olderLeft, room.around?.newerLeft], [false, true]);
  assert.ok((room.around?.lines.length ?? 0) <= 1_000);
  // It is read on from there, until both meet.
  bench.client.pages.readNewer("general");
  const asked = bench.one("get:history");
  assert.deepEqual(asked.data, { room: "general", after: room.around?.lines.at(-1)?.seq });
  bench.hear("history", history("general", [message("general", 541)], { upto: 541, last_seq: 10_501, more: true }), asked.id);
  assert.equal(room.around, null);
  assert.equal(room.log.lines[0]?.seq, 1);
  Object.assign(room.log, { open: false, reader: null });
  say(10_502, 10_503);
  assert.equal(room.log.lines.length, 1_000);
});

test("what comes in one frame is drawn once, and what one does at once", () => {
  let drawn = 0;
  /** @type {(() => void)[]} */
  const frames = [];
  /** @type {Set<() => void>} */
  const late = new Set();
  const drawing = new Drawing(() => (drawn += 1), {
    frame: (what) => frames.push(what),
    noFrame: (id) => void (id > 0 && frames.splice(id - 1, 1)),
    later: (what) => late.add(what).size,
    never: () => late.clear(),
  });
  for (let n = 0; n < 5; n += 1) drawing.soon();
  assert.deepEqual([drawn, frames.length], [0, 1]);
  drawing.now();
  assert.deepEqual([drawn, frames.length, late.size], [1, 0, 0]);
  drawing.soon();
  // No frame comes to a page that is hidden.
  for (const what of late) what();
  assert.deepEqual([drawn, frames.length, late.size], [2, 0, 0]);
});

test("a drawing that asks for another one gets it afterwards", async () => {
  let depth = 0;
  let drawn = 0;
  const idle = { frame: () => 1, noFrame: () => {}, later: () => 1, never: () => {} };
  const drawing = new Drawing(() => {
    assert.equal((depth += 1), 1);
    drawn += 1;
    if (drawn < 3) drawing.now();
    depth -= 1;
  }, idle);
  drawing.now();
  assert.equal(drawn, 1);
  await new Promise((done) => setTimeout(done));
  assert.equal(drawn, 3);
});
