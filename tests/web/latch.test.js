/** The latch: for each state of the connection its shape, its sentence, and what one can do. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Http } from "../../src/conclave/web/app/api/http.js";
import { Knocking } from "../../src/conclave/web/app/knocking.js";
import { linkOf } from "../../src/conclave/web/app/parts/linkwords.js";
import { words } from "../../src/conclave/web/app/words.js";
import { CLOSE, STOPPED_REASON } from "../../src/conclave/web/client/codes.js";
import { Bench } from "./bench.js";

const { latch, signIn } = words;
const OPEN = { open: true, why: null, places: null, retry_after_ms: null };
const FULL = { open: false, why: "full", places: 1_000, retry_after_ms: 20_000 };

/** A page with a bench below it, whose server answers at its door what *answer* returns; null: nothing. @param {() => Response | null | Promise<Response | null>} [answer] */
function paged(answer = () => null) {
  const bench = new Bench({ random: () => 0.9 });
  const asked = { times: 0 };
  const fetch = async (/** @type {string} */ path) => {
    assert.equal(path, "/api/v1/door");
    asked.times += 1;
    const response = await answer();
    if (response === null) throw new TypeError("Failed to fetch");
    return response;
  };
  const act = (/** @type {Function} */ what) => what(bench.client, bench.now);
  const driver = /** @type {any} */ ({ client: bench.client, act, now: () => bench.now });
  const knocking = new Knocking({ driver, http: new Http({ fetch: /** @type {any} */ (fetch) }), onChange: () => {} });
  const page = /** @type {any} */ ({ client: bench.client, knocking, serverNow: 0 });
  const link = () => linkOf(page, bench.now);
  /** What it says, and what one can do. @returns {[string, string, string | null]} */
  const said = () => [link().shape, link().text, link().action];
  /** The page follows, and what it asked for is answered. */
  const follow = async () => {
    knocking.follow();
    for (let turns = 0; turns < 20; turns += 1) await Promise.resolve();
    await new Promise((go) => setImmediate(go));
  };
  const begin = () => {
    bench.client.signIn("token", bench.now);
    bench.flush();
  };
  /** One socket after another does not open. @param {number} times */
  const fail = async (times) => {
    for (let turn = 0; turn < times; turn += 1) {
      while (bench.state.name !== "connecting") bench.pass(100);
      bench.close(CLOSE.ABNORMAL);
      await follow();
    }
  };
  return { bench, knocking, link, said, follow, begin, fail, asked };
}

/** @param {object} data @param {number} [status] */
const json = (data, status = 200) => Response.json(data, { status });

test("connecting, and being looked at, is said only when it lasts, and never aloud", () => {
  const { bench, link, begin } = paged();
  begin();
  assert.deepEqual(link(), { shape: "connecting", text: "Connecting…", quiet: true, action: null, door: "Connecting…", spoken: "" });
  bench.open();
  assert.deepEqual([link().text, link().quiet, link().spoken], ["Checking who you are…", true, ""]);
});

test("connected is a dot and a name, without anything to do", () => {
  const { bench, link, said } = paged();
  bench.signedIn();
  assert.deepEqual(said(), ["connected", "Connected", null]);
  assert.equal(link().spoken, "Connected");
});

test("a lost connection counts down, can be hurried, and is spoken without the seconds", () => {
  const { bench, link, said } = paged();
  bench.signedIn();
  bench.hear("error", { code: "busy", message: "", retry_after_ms: 4_000 });
  bench.close(CLOSE.TRY_LATER);
  assert.deepEqual(said(), ["waiting", "Connection lost. Trying again in 4 s", "now"]);
  assert.equal(link().spoken, "Connection lost. Trying again");
  bench.pass(1_500);
  assert.equal(link().text, "Connection lost. Trying again in 3 s");
  bench.client.connection.hurry(bench.now);
  assert.deepEqual(said(), ["waiting", "Connection lost. Trying again", null]);
});

test("a server that restarts is said to be back soon", () => {
  const { bench, said } = paged();
  bench.signedIn();
  bench.hear("reconnect", { after_ms: 5_000 });
  bench.close(CLOSE.RESTART);
  assert.deepEqual(said(), ["waiting", "The server is restarting. Back in about 5 s.", "now"]);
});

test("a server that was told to stop is said to be stopped, for as long as it does not answer", async () => {
  const { bench, link, said, follow, fail } = paged();
  bench.signedIn();
  bench.close(CLOSE.GOING_AWAY, STOPPED_REASON);
  await follow();
  assert.match(link().text, /^The server stopped\. Trying again in \d+ s$/);
  assert.equal(link().spoken, "The server stopped. Trying again");
  await fail(3);
  assert.match(link().text, /^The server stopped\. Trying again in \d+ s$/);
  bench.signedIn();
  await follow();
  assert.equal(said()[0], "connected");
  bench.close(CLOSE.ABNORMAL);
  await follow();
  assert.match(link().text, /^Connection lost\. /);
});

test("without a network one keeps writing, and what waits is counted", () => {
  const { bench, link, said } = paged();
  bench.signedIn();
  bench.inRoom("general", []);
  bench.client.connection.network(false, bench.now);
  bench.close(CLOSE.ABNORMAL);
  assert.deepEqual(said(), ["offline", "You are offline. Keep writing.", null]);
  for (const text of ["one", "two", "three"]) bench.client.say("general", text, bench.now);
  assert.deepEqual(said(), ["offline", "You are offline. Keep writing: 3 messages wait here.", null]);
  assert.equal(link().spoken, link().text);
});

test("nobody knocks while there is no network, or while sockets open", async () => {
  const { bench, follow, begin, fail, asked } = paged();
  begin();
  bench.client.connection.network(false, bench.now);
  await fail(2);
  assert.equal(asked.times, 0);
  const other = paged();
  other.bench.signedIn();
  other.bench.close(CLOSE.ABNORMAL);
  await other.follow();
  await follow();
  assert.equal(other.asked.times, 0);
});

test("a server that is away, or has a certificate that does not fit, is said not to answer", async () => {
  const { said, link, begin, fail, asked } = paged();
  begin();
  await fail(3);
  assert.equal(asked.times, 3);
  const [shape, text, action] = said();
  assert.deepEqual([shape, action], ["waiting", "now"]);
  assert.match(text, /^The server does not answer\. Trying again in \d+ s$/);
  assert.equal(link().spoken, "The server does not answer. Trying again");
  assert.equal(link().door, text);
});

test("one that was there before is lost, and the details know that it does not answer", async () => {
  const { bench, link, fail, knocking } = paged();
  bench.signedIn();
  bench.close(CLOSE.ABNORMAL);
  assert.match(link().text, /^Connection lost\. Trying again/);
  await fail(2);
  assert.match(link().text, /^Connection lost\. Trying again/);
  assert.deepEqual(knocking.found, { why: "away", places: 0 });
});

test("a proxy without its server is no answer either", async () => {
  for (const status of [502, 503, 504]) {
    const { begin, fail, link } = paged(() => new Response("<h1>Bad Gateway</h1>", { status }));
    begin();
    await fail(1);
    assert.match(link().text, /^The server does not answer/);
  }
});

test("a full server says how many places it has and when it is asked again", async () => {
  const { begin, fail, said, link, bench, asked } = paged(() => json(FULL));
  begin();
  await fail(1);
  assert.deepEqual(said(), ["waiting", "All 1,000 places are taken. Trying again in 20 s", "now"]);
  assert.equal(link().door, link().text);
  bench.pass(19_000);
  assert.equal(said()[1], "All 1,000 places are taken. Trying again in 1 s");
  bench.pass(1_000);
  assert.equal(bench.state.name, "connecting");
  assert.equal(said()[1], "All 1,000 places are taken. Trying again");
  assert.equal(asked.times, 1);
  bench.open();
  bench.hear("auth:response", { success: true, user: { id: "user1", name: "john", role: "user" } });
  assert.equal(said()[0], "connected");
});

test("full and crowded say what is full, and a stop is a restart", async () => {
  /** @type {[object, RegExp][]} */
  const answers = [
    [{ ...FULL, places: null }, /^All places are taken\. Trying again in 20 s$/],
    [{ ...FULL, why: "crowded" }, /^All places of your network are taken\. Trying again in 20 s$/],
    [{ ...FULL, why: "stopping" }, /^The server is restarting\. Back in about 20 s\.$/],
  ];
  for (const [answer, text] of answers) {
    const { begin, fail, link } = paged(() => json(answer));
    begin();
    await fail(1);
    assert.match(link().text, text);
  }
  const { begin, fail, link } = paged(() => json({ code: "rate_limited", retry_after_ms: 9_000 }, 429));
  begin();
  await fail(1);
  assert.match(link().text, /^All places of your network are taken\. Trying again in 9 s$/);
});

test("a door that is open while no socket opens is a refusal, once it was so twice", async () => {
  const { begin, fail, link } = paged(() => json(OPEN));
  begin();
  await fail(1);
  assert.equal(link().text, "Connecting…");
  await fail(1);
  assert.match(link().text, /^Connection refused\. Trying again/);
});

test("an answer that comes when a socket has opened says nothing any more", async () => {
  /** @type {(response: Response) => void} */
  let answer = () => {};
  const { bench, begin, fail, follow, knocking, said } = paged(() => new Promise((go) => (answer = go)));
  begin();
  await fail(1);
  while (bench.state.name !== "connecting") bench.pass(100);
  bench.open();
  bench.hear("auth:response", { success: true, user: { id: "user1", name: "john", role: "user" } });
  await follow();
  answer(json(FULL));
  await follow();
  assert.equal(knocking.found, null);
  assert.equal(said()[0], "connected");
});

test("who is signed out reads why, and can sign in", () => {
  /** @type {[number, string][]} */
  const ends = [
    [CLOSE.TOKEN_EXPIRED, signIn.expired],
    [CLOSE.SESSION_REVOKED, signIn.revoked],
    [CLOSE.BANNED, "This account is closed: an admin deactivated it."],
    [CLOSE.IDENTITY_CHANGED, signIn.identity],
    [CLOSE.PROTOCOL_ERROR, signIn.closed],
    [CLOSE.UNSUPPORTED_VERSION, latch.why(CLOSE.UNSUPPORTED_VERSION)],
  ];
  for (const [code, text] of ends) {
    const { bench, said, link } = paged();
    bench.signedIn();
    bench.close(code);
    assert.deepEqual(said(), ["ended", text, "signIn"]);
    assert.equal(link().spoken, text);
  }
});

test("who was removed from a room reads it until they have seen it, or the connection goes", () => {
  for (const [reason, text] of [["kicked", "You were removed from general."], ["banned", "You were banned from general."], ["deleted", "general was deleted."]]) {
    const { bench, said, link } = paged();
    bench.signedIn();
    bench.inRoom("general", []);
    bench.hear("room:gone", { room: "general", reason, text: "in the words of a moderator" });
    assert.deepEqual(said(), ["ended", text, "dismiss"]);
    // The note above the log is read out.
    assert.equal(link().spoken, "Connected");
    bench.close(CLOSE.ABNORMAL);
    assert.equal(said()[0], "waiting");
    bench.signedIn();
    bench.client.gone = null;
    assert.equal(said()[0], "connected");
  }
});

test("each close code that there is has its reason in words", () => {
  for (const code of Object.values(CLOSE)) assert.match(latch.why(code), /^[A-Z].*\.$/);
  assert.equal(new Set(Object.values(latch.whyNot)).size, 5);
});
