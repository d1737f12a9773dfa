/** What a connection proves with who one is: a token, or a fresh one each time. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Driver } from "../../src/conclave/web/client/driver.js";
import { Bench } from "./bench.js";

const never = () => new Promise(() => {});

/** Read anew each time: an assertion must not narrow what comes later. @param {Bench} bench @returns {unknown} */
const stateOf = (bench) => bench.state;

/** A client that asks for a fresh token, with its socket open. */
function asking() {
  const bench = new Bench();
  bench.client.signIn(never, bench.now);
  bench.open();
  return bench;
}

/** @param {Bench} bench @param {string | null} token */
function prove(bench, token) {
  bench.client.connection.proved(bench.generation, token);
  bench.flush();
}

/** @param {Bench} bench */
function letIn(bench) {
  prove(bench, "ticket");
  bench.hear("auth:response", { success: true, user: { id: "user1", name: "john", role: "user" } });
  assert.equal(bench.state.name, "ready");
  bench.sent();
  return bench;
}

test("a fresh token is asked for when the socket is open, and sent when it is there", () => {
  const bench = new Bench();
  bench.client.signIn(never, bench.now);
  bench.flush();
  assert.deepEqual(bench.log, ["open"]);
  bench.open();
  assert.deepEqual(bench.log, ["open", "prove"]);
  assert.deepEqual(bench.sent(), []);
  prove(bench, "ticket-1");
  assert.deepEqual(bench.sent(), [{ type: "auth", data: { token: "ticket-1" } }]);
});

test("each connection asks for a token of its own; one for an older connection is not sent", () => {
  const bench = letIn(asking());
  const before = bench.generation;
  bench.close(1006);
  bench.pass(250);
  bench.open();
  assert.deepEqual(bench.log.filter((what) => what === "prove").length, 2);
  bench.client.connection.proved(before, "late");
  assert.deepEqual(bench.sent("auth"), []);
  prove(bench, "ticket-2");
  assert.deepEqual(bench.sent("auth"), [{ type: "auth", data: { token: "ticket-2" } }]);
});

test("where nobody is signed in any more there is nothing to come back with", () => {
  const bench = asking();
  prove(bench, null);
  assert.deepEqual(stateOf(bench), { name: "stopped", why: "token_expired" });
});

test("a token that cannot be asked for is asked for again later", () => {
  const bench = asking();
  bench.client.connection.unproven(bench.generation, bench.now);
  assert.equal(bench.state.name, "waiting");
});

test("an expiring session is renewed in place, a token that cannot be renewed is let be", () => {
  const fresh = letIn(asking());
  fresh.hear("auth:expiring", { expires_at: 1 });
  prove(fresh, "ticket-2");
  assert.deepEqual(fresh.sent(), [{ type: "auth:refresh", data: { token: "ticket-2" } }]);
  fresh.hear("auth:expiring", { expires_at: 1 });
  prove(fresh, null);
  assert.equal(fresh.state.name, "ready");
  const fixed = new Bench().signedIn();
  fixed.sent();
  fixed.hear("auth:expiring", { expires_at: 1 });
  assert.deepEqual(fixed.sent(), []);
});

test("after an expiry who has fresh tokens comes back, who has one signs in again", () => {
  const fresh = letIn(asking());
  fresh.close(4002, "Token expired");
  assert.equal(fresh.state.name, "waiting");
  const fixed = new Bench().signedIn();
  fixed.close(4002, "Token expired");
  assert.deepEqual(fixed.state, { name: "stopped", why: "token_expired" });
});

for (const [code, why] of /** @type {[number, string][]} */ ([[4501, "revoked"], [4502, "banned"], [4503, "identity"], [4504, "closed"]])) {
  test(`${code} ends it for good, and says why, whatever it was proved with`, () => {
    for (const bench of [new Bench().signedIn(), letIn(asking())]) {
      bench.close(code);
      assert.deepEqual(stateOf(bench), { name: "stopped", why });
      bench.pass(3_600_000);
      assert.deepEqual(stateOf(bench), { name: "stopped", why });
    }
  });
}

test("a fresh token may be refused twice in a row, not for ever", () => {
  const bench = new Bench();
  bench.client.signIn(never, bench.now);
  for (let n = 0; n < 3; n += 1) {
    bench.open();
    prove(bench, `ticket-${n}`);
    bench.hear("auth:response", { success: false, code: "auth_failed" });
    if (n === 2) break;
    assert.equal(bench.state.name, "waiting");
    bench.pass(bench.client.due - bench.now);
  }
  assert.deepEqual(stateOf(bench), { name: "stopped", why: "auth_failed" });
});

test("the driver passes on what the callback gives, and that it failed", async () => {
  for (const [callback, expected] of /** @type {[() => Promise<string>, string][]} */ ([
    [async () => "ticket-7", "sent ticket-7"],
    [async () => Promise.reject(new Error("offline")), "waiting"],
  ])) {
    const { client } = new Bench();
    /** @type {any} */
    const socket = { send: (/** @type {string} */ text) => (socket.sent = JSON.parse(text)), close: () => {} };
    const driver = new Driver(client, { url: "ws://x", open: () => socket, now: () => 1_000, onChange: () => {} });
    driver.act((c, now) => c.signIn(callback, now));
    socket.onopen();
    await Promise.resolve().then(() => {});
    await new Promise((done) => setImmediate(done));
    const found = socket.sent === undefined ? client.state.name : `sent ${socket.sent.data.token}`;
    assert.equal(found, expected);
    driver.act((c) => c.signOut());
  }
});
