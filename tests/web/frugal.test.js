/** What is done at each message of many: each line is looked at once, each timer set once. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Authors } from "../../src/conclave/web/app/authors.js";
import { Seldom } from "../../src/conclave/web/app/seldom.js";
import { summed } from "../../src/conclave/web/app/timeline.js";
import { Voice } from "../../src/conclave/web/app/voice.js";
import { Announcer } from "../../src/conclave/web/app/announcer.js";
import { Driver } from "../../src/conclave/web/client/driver.js";
import { RoomLog } from "../../src/conclave/web/client/roomlog.js";
import { entryOf } from "../../src/conclave/web/client/wire.js";
import { Bench, message } from "./bench.js";

/** @import { Entry } from "../../src/conclave/web/client/wire.js" */

/** @param {number} seq @param {string} id @param {string} name */
const line = (seq, id, name) => /** @type {Entry} */ (entryOf(message("general", seq, { user_id: id, user: name })));

/** @param {Entry[]} lines @param {string} [epoch] */
const logOf = (lines, epoch = "one") => Object.assign(new RoomLog("general"), { lines, epoch });

test("of each author the last name is known, whichever way their lines came in", () => {
  const authors = new Authors();
  const middle = [line(10, "a", "ana"), line(11, "b", "ben"), line(12, "a", "anna")];
  assert.deepEqual([...authors.of(logOf(middle))].sort(), [["a", "anna"], ["b", "ben"]]);
  const older = [line(8, "c", "kim"), line(9, "a", "an"), ...middle];
  assert.deepEqual([...authors.of(logOf(older))].sort(), [["a", "anna"], ["b", "ben"], ["c", "kim"]]);
  const newer = [...older.slice(2), line(13, "b", "benno")];
  assert.deepEqual([...authors.of(logOf(newer))].sort(), [["a", "anna"], ["b", "benno"], ["c", "kim"]]);
});

test("of another history no author is known", () => {
  const authors = new Authors();
  authors.of(logOf([line(10, "a", "ana")]));
  assert.deepEqual([...authors.of(logOf([line(3, "b", "ben")], "two"))], [["b", "ben"]]);
});

test("a line that was looked at is not looked at again", () => {
  const authors = new Authors();
  let lines = Array.from({ length: 1_000 }, (_, n) => line(n + 1, "a", "ana"));
  authors.of(logOf(lines));
  let looks = 0;
  const seen = Object.defineProperty({ ...lines[500] }, "user", { get: () => ((looks += 1), "ana") });
  lines = lines.with(500, /** @type {Entry} */ (seen));
  for (let seq = 1_001; seq < 1_100; seq += 1) authors.of(logOf((lines = [...lines, line(seq, "b", "ben")])));
  assert.equal(looks, 0);
  assert.equal(authors.names.get("b"), "ben");
});

test("ten thousand lines without mentions and reactions have one list between them, that nothing changes", () => {
  const [one, other] = [line(1, "a", "ana"), line(2, "a", "ana")];
  for (const list of /** @type {const} */ (["mentions", "reactions"])) {
    assert.equal(one[list], other[list]);
    assert.throws(() => /** @type {unknown[]} */ (one[list]).push("x"), TypeError);
  }
  assert.deepEqual([one.mentions, one.reactions], [[], []]);
});

test("what is seen beside the page changes once a second, and is right in the end", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const document = { visibilityState: "visible" };
  /** @type {string[]} */
  const put = [];
  const window = /** @type {any} */ ({ document, setTimeout: (/** @type {() => void} */ what, /** @type {number} */ ms) => setTimeout(what, ms) });
  const seldom = new Seldom(window, (value) => void put.push(value), "0");
  for (const value of ["0", "1", "2", "3"]) seldom.show(value);
  assert.deepEqual(put, ["1"]);
  t.mock.timers.tick(1_000);
  assert.deepEqual(put, ["1", "3"]);
  t.mock.timers.tick(1_000);
  // Nobody looks: browsers do not hurry then, and a notice must not be late.
  document.visibilityState = "hidden";
  for (const value of ["4", "5"]) seldom.show(value);
  assert.deepEqual(put, ["1", "3", "4", "5"]);
});

test("what comes within a second is announced by one timer", () => {
  let now = 0;
  /** @type {(() => void)[]} */
  const later = [];
  const voice = new Voice({ now: () => now, later: (what) => void later.push(what), onChange: () => {} });
  voice.announcer = new Announcer();
  for (let seq = 1; seq <= 50; seq += 1) voice.heard(line(seq, "a", "ana"));
  assert.equal(later.length, 1);
  now = 1_000;
  later.shift()?.();
  assert.equal(voice.times, 2);
  assert.equal(later.length, 0);
  voice.heard(line(51, "a", "ana"));
  assert.equal(later.length, 1);
});

test("a fold of many comings is summed in no more time than there are", () => {
  const moves = Array.from({ length: 40_000 }, (_, n) => /** @type {const} */ ({ name: `user ${n}`, move: "cameIn", timestamp: 0, seq: null }));
  const begun = performance.now();
  assert.equal(summed(moves).cameIn.length, 40_000);
  assert.ok(performance.now() - begun < 1_000);
});

test("frames that put off what is due set no timer, and the driver is not late for it", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const bench = new Bench();
  const socket = /** @type {any} */ ({ sent: [], send: (/** @type {string} */ text) => socket.sent.push(JSON.parse(text).type), close: () => {} });
  const driver = new Driver(bench.client, { url: "ws://x", open: () => socket, now: () => bench.now, onChange: () => {} });
  const pass = (/** @type {number} */ ms) => {
    bench.now += ms;
    t.mock.timers.tick(ms);
  };
  const hear = (/** @type {string} */ type, /** @type {object} */ data) => socket.onmessage({ data: JSON.stringify({ type, data }) });
  driver.act((client, now) => client.signIn("token", now));
  socket.onopen();
  hear("auth:response", { success: true, user: { id: "u1", name: "john", role: "user" } });
  // The first was set for the way in, and looks once more.
  pass(10_000);
  const { timer } = driver;
  for (let n = 0; n < 15; n += 1) {
    pass(1_000);
    hear("typing", {});
    assert.equal(driver.timer, timer);
  }
  socket.sent = [];
  pass(4_999);
  assert.deepEqual(socket.sent, []);
  pass(1);
  assert.deepEqual(socket.sent, ["heartbeat"]);
  // Nothing comes any more: it is given up when it should be, not before.
  pass(34_999);
  assert.equal(bench.state.name, "ready");
  pass(1);
  assert.equal(/** @type {string} */ (bench.state.name), "waiting");
  driver.act((client) => client.signOut());
});
