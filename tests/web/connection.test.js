import assert from "node:assert/strict";
import { test } from "node:test";
import { waitBefore } from "../../src/conclave/web/client/backoff.js";
import { mayComeBack } from "../../src/conclave/web/client/codes.js";
import { Bench } from "./bench.js";
import { firstSeed, randomOf } from "./seeds.js";

/** Read anew each time: an assertion must not narrow what comes later. @param {Bench} bench @returns {string} */
const nameOf = (bench) => bench.state.name;

test("the token goes out first, and only when the socket is open", () => {
  const bench = new Bench();
  bench.client.signIn("secret", bench.now);
  assert.deepEqual(bench.sent(), []);
  assert.equal(nameOf(bench), "connecting");
  bench.open();
  assert.deepEqual(bench.sent(), [{ type: "auth", data: { token: "secret" } }]);
  assert.equal(nameOf(bench), "authenticating");
});

test("it is ready when the server has let it in", () => {
  const bench = new Bench().signedIn();
  assert.equal(nameOf(bench), "ready");
  assert.deepEqual(bench.client.me, { id: "user1", name: "john", role: "user" });
});

test("who is not to be seen or disturbed says so again before any room, when the server may have forgotten it", () => {
  for (const status of ["invisible", "dnd"]) {
    const bench = new Bench().signedIn();
    bench.inRoom("general", []);
    bench.hear("presence:changed", { user: "user1", status });
    bench.close(1001, "Server shutting down");
    bench.pass(60_000);
    bench.sent();
    bench.signedIn();
    const types = bench.sent().map(({ type }) => type);
    assert.ok(types.includes("join:room") || types.includes("join:rooms"), types.join());
    assert.ok(types.indexOf("presence:set") >= 0, types.join());
    assert.ok(types.indexOf("presence:set") < types.findIndex((type) => type.startsWith("join:")), types.join());
  }
});

test("who is online, or away by itself, says nothing of it", () => {
  for (const status of ["online", "away"]) {
    const bench = new Bench().signedIn();
    bench.hear("presence:changed", { user: "user1", status });
    bench.close(1001, "Server shutting down");
    bench.pass(60_000);
    bench.sent();
    bench.signedIn();
    assert.deepEqual(bench.sent("presence:set"), []);
  }
});

test("a refused token stops it for good and is forgotten", () => {
  const bench = new Bench();
  bench.client.signIn("wrong", bench.now);
  bench.open();
  bench.hear("auth:response", { success: false, code: "auth_failed" });
  assert.deepEqual(bench.state, { name: "stopped", why: "auth_failed" });
  assert.equal(bench.client.connection.proof.token, "");
  bench.pass(3_600_000);
  assert.equal(nameOf(bench), "stopped");
  assert.equal(bench.log.filter((what) => what === "open").length, 1);
});

test("a server too busy to check a token is asked again", () => {
  const bench = new Bench();
  bench.client.signIn("token", bench.now);
  bench.open();
  bench.hear("auth:response", { success: false, code: "unavailable" });
  assert.equal(nameOf(bench), "waiting");
});

test("a socket that never opens is given up after ten seconds, an answer to a token after fifteen", () => {
  const bench = new Bench();
  bench.client.signIn("token", bench.now);
  bench.pass(9_999);
  assert.equal(nameOf(bench), "connecting");
  bench.pass(1);
  assert.equal(nameOf(bench), "waiting");
  bench.pass(250);
  bench.open();
  bench.pass(14_999);
  assert.equal(nameOf(bench), "authenticating");
  bench.pass(1);
  assert.equal(nameOf(bench), "waiting");
});

test("waits double from half a second to thirty, with full jitter", () => {
  const most = [0, 1, 2, 3, 4, 5, 6, 7, 60].map((attempt) => waitBefore(attempt, () => 1));
  assert.deepEqual(most, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
  const random = randomOf(firstSeed);
  const waits = Array.from({ length: 2000 }, () => waitBefore(3, random));
  assert.ok(Math.min(...waits) < 200, `seed ${firstSeed}`);
  assert.ok(Math.max(...waits) > 3800, `seed ${firstSeed}`);
  const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
  assert.ok(Math.abs(mean - 2000) < 150, `mean ${mean}, seed ${firstSeed}`);
});

test("a thousand clients whose server is down for ten minutes come in ever wider spread", () => {
  const minutes = new Array(10).fill(0);
  for (let n = 0; n < 1000; n += 1) {
    const bench = new Bench({ random: randomOf(firstSeed + n) });
    bench.signedIn();
    bench.close(1006);
    const gone = bench.now;
    while (bench.now - gone < 600_000) {
      bench.pass(Math.max(0, bench.client.due - bench.now));
      const minute = Math.floor((bench.now - gone) / 60_000);
      if (minute < 10) minutes[minute] += 1;
      bench.close(1006);
    }
  }
  // Once at the cap, 1,000 clients wait 15 s on average: 4,000 attempts a minute and no peak.
  const perMinute = minutes.slice(2);
  assert.ok(Math.max(...perMinute) < 4_600, `${minutes} seed ${firstSeed}`);
  assert.ok(Math.max(...perMinute) / Math.min(...perMinute) < 1.25, `${minutes} seed ${firstSeed}`);
});

test("a connection that held begins again with the shortest wait, one that fell at once does not", () => {
  const bench = new Bench({ random: () => 1 }).signedIn();
  const waits = [];
  for (const held of [0, 0, 0, 5_000, 0]) {
    bench.pass(held);
    bench.close(1006);
    waits.push(bench.client.due - bench.now);
    bench.pass(bench.client.due - bench.now);
    bench.letIn();
  }
  assert.deepEqual(waits, [500, 1000, 2000, 500, 1000]);
});

test("what the server advises is the least it waits, once", () => {
  const bench = new Bench({ random: () => 1 }).signedIn();
  bench.hear("reconnect", { after_ms: 5_000, reason: "deploy" });
  bench.close(1001, "Server shutting down");
  assert.deepEqual(bench.state, { name: "waiting", until: bench.now + 5_000, why: "restarting" });
  bench.pass(5_000);
  bench.close(1006);
  assert.deepEqual(bench.state, { name: "waiting", until: bench.now + 1_000, why: "lost" });
});

test("a refusal of the whole connection may say when to come back", () => {
  const bench = new Bench().signedIn();
  bench.hear("error", { message: "Too many requests", code: "rate_limited", retryable: true, retry_after_ms: 7_000 });
  bench.close(4005);
  assert.equal(bench.client.due - bench.now, 7_000);
});

test("advice that is none is not followed", () => {
  for (const after_ms of [-1, NaN, "5", null, Infinity, {}]) {
    const bench = new Bench({ random: () => 1 }).signedIn();
    bench.hear("reconnect", { after_ms });
    bench.close(1001);
    assert.ok(bench.client.due - bench.now <= 600_000, String(after_ms));
  }
});

test("close codes say whether to come back", () => {
  const back = [1000, 1001, 1005, 1006, 1011, 1012, 1013, 4000, 4003, 4005, 4006, 4007, 4499];
  const away = [1002, 1003, 1007, 1008, 1009, 4500, 4501, 4502, 4503, 4504, 4999, 3000, 999, 5000];
  for (const code of back) assert.ok(mayComeBack(code), String(code));
  for (const code of away) assert.ok(!mayComeBack(code), String(code));
  assert.ok(mayComeBack(1008, "Authentication timeout"));
  for (const code of [...back, ...away]) {
    const bench = new Bench().signedIn();
    bench.close(code);
    assert.equal(nameOf(bench), mayComeBack(code) ? "waiting" : "stopped", String(code));
  }
});

test("an expired token stops it, since only a person has a fresh one", () => {
  const bench = new Bench().signedIn();
  bench.close(4002, "Token expired");
  assert.deepEqual(bench.state, { name: "stopped", why: "token_expired" });
});

test("a heartbeat goes out once an interval, and its answer gives the round trip", () => {
  const bench = new Bench().signedIn({ intervalMs: 30_000 });
  bench.sent();
  bench.pass(29_999);
  assert.deepEqual(bench.sent("heartbeat"), []);
  bench.pass(1);
  const beat = bench.one("heartbeat");
  assert.equal(typeof beat.data.timestamp, "number");
  bench.pass(42);
  bench.hear("heartbeat", { timestamp: 1, server_time: 2 });
  assert.equal(bench.client.connection.pulse.roundTripMs, 42);
  bench.pass(29_958);
  bench.one("heartbeat");
});

test("a server that says nothing for interval and timeout is dead", () => {
  const bench = new Bench().signedIn({ intervalMs: 30_000, timeoutMs: 10_000 });
  bench.pass(39_999);
  assert.equal(nameOf(bench), "ready");
  bench.pass(1);
  assert.equal(nameOf(bench), "waiting");
  assert.deepEqual(bench.log, ["open", "close"]);
});

test("any frame is a sign of life, also one that cannot be read", () => {
  const bench = new Bench().signedIn({ intervalMs: 1_000, timeoutMs: 1_000 });
  for (let n = 0; n < 20; n += 1) {
    bench.pass(1_900);
    if (n % 2) bench.hear("something:new", {});
    else bench.client.received(bench.generation, null, bench.now);
    assert.equal(nameOf(bench), "ready");
  }
  bench.pass(2_000);
  assert.equal(nameOf(bench), "waiting");
});

test("a hidden tab waits at least 75 seconds, and any frame arms that anew", () => {
  const bench = new Bench().signedIn({ intervalMs: 30_000, timeoutMs: 10_000 });
  bench.client.connection.seen(false, bench.now);
  bench.pass(74_999);
  assert.equal(nameOf(bench), "ready");
  bench.hear("chat", {});
  bench.pass(74_999);
  assert.equal(nameOf(bench), "ready");
  bench.pass(1);
  assert.equal(nameOf(bench), "waiting");
});

test("a longer heartbeat makes a hidden tab wait longer still", () => {
  const bench = new Bench().signedIn({ intervalMs: 90_000, timeoutMs: 10_000 });
  bench.client.connection.seen(false, bench.now);
  bench.pass(99_999);
  assert.equal(nameOf(bench), "ready");
  bench.pass(1);
  assert.equal(nameOf(bench), "waiting");
});

test("after sleep the server is asked once before it counts as dead", () => {
  const bench = new Bench().signedIn({ intervalMs: 30_000, timeoutMs: 10_000 });
  bench.sent();
  bench.sleep(3_600_000);
  assert.equal(nameOf(bench), "ready");
  bench.one("heartbeat");
  bench.hear("heartbeat", {});
  bench.pass(39_999);
  assert.equal(nameOf(bench), "ready");
  bench.sleep(3_600_000);
  bench.pass(10_000);
  assert.equal(nameOf(bench), "waiting");
});

test("a timer that is always late does not keep a dead server alive", () => {
  const bench = new Bench().signedIn({ intervalMs: 30_000, timeoutMs: 10_000 });
  bench.client.connection.seen(false, bench.now);
  let minutes = 0;
  while (bench.state.name === "ready" && minutes < 10) {
    bench.sleep(60_000);
    minutes += 1;
  }
  assert.equal(minutes, 3);
});

test("back in sight after a long time hidden, the server is asked first", () => {
  const bench = new Bench().signedIn({ intervalMs: 30_000, timeoutMs: 10_000 });
  bench.client.connection.seen(false, bench.now);
  bench.pass(60_000);
  bench.sent();
  bench.client.connection.seen(true, bench.now);
  bench.one("heartbeat");
  assert.equal(nameOf(bench), "ready");
  bench.pass(10_000);
  assert.equal(nameOf(bench), "waiting");
});

test("what an older socket still says is not heard", () => {
  const bench = new Bench().signedIn();
  const old = bench.generation;
  bench.close(1006);
  bench.pass(30_000);
  assert.notEqual(bench.generation, old);
  const before = bench.state.name;
  bench.client.opened(old, bench.now);
  bench.client.received(old, { type: "auth:response", data: { success: true }, id: null }, bench.now);
  bench.client.closed(old, 4502, "banned", bench.now);
  assert.equal(nameOf(bench), before);
});

test("the network's return ends the wait; its loss does not end a connection that works", () => {
  const bench = new Bench({ random: () => 1 }).signedIn();
  bench.sent();
  bench.client.connection.network(false, bench.now);
  assert.equal(nameOf(bench), "ready");
  bench.one("heartbeat");
  bench.close(1006);
  assert.equal(nameOf(bench), "offline");
  bench.client.connection.network(true, bench.now);
  assert.equal(nameOf(bench), "connecting");
});

test("offline, it still tries, since a browser may be wrong about that", () => {
  const bench = new Bench({ random: () => 1 }).signedIn();
  bench.client.connection.network(false, bench.now);
  bench.close(1006);
  bench.pass(500);
  assert.equal(nameOf(bench), "connecting");
});

test("signing out closes and nothing comes back", () => {
  const bench = new Bench().signedIn();
  bench.client.signOut();
  bench.flush();
  bench.pass(3_600_000);
  assert.deepEqual(bench.log, ["open", "close"]);
  assert.equal(nameOf(bench), "idle");
  assert.equal(bench.client.me, null);
});

test("advice does not stand in for the backoff where that is longer", () => {
  const bench = new Bench({ random: () => 1 }).signedIn();
  for (const wait of [500, 1_000, 2_000]) {
    bench.hear("reconnect", { after_ms: 10 });
    bench.close(1001);
    assert.equal(bench.client.due - bench.now, wait);
    bench.pass(wait);
    bench.letIn();
  }
});

test("advice is of an end that comes soon, not of one much later", () => {
  for (const [type, data, holds] of /** @type {[string, object, number][]} */ ([
    ["reconnect", { after_ms: 8_000 }, 13_000],
    ["error", { message: "", code: "rate_limited", retry_after_ms: 8_000 }, 5_000],
  ])) {
    for (const late of [0, 1]) {
      const bench = new Bench({ random: () => 1 }).signedIn();
      bench.hear(type, data);
      bench.pass(holds + late);
      bench.close(1006);
      assert.equal(bench.client.due - bench.now, late === 0 ? 8_000 : 500, type);
    }
  }
});

test("tabs that push each other out wait longer each time, however long each one held", () => {
  const bench = new Bench({ random: () => 1 }).signedIn();
  const waits = [];
  for (let n = 0; n < 4; n += 1) {
    bench.pass(6_000);
    bench.close(4007, "Too many connections");
    waits.push(bench.client.due - bench.now);
    bench.pass(bench.client.due - bench.now);
    bench.letIn();
  }
  assert.deepEqual(waits, [500, 1_000, 2_000, 4_000]);
});
