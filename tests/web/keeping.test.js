/** What a tab keeps over a reload, and for whom. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Keeping } from "../../src/conclave/web/app/keeping.js";
import { Page } from "../../src/conclave/web/app/page.js";
import { roomOf } from "../../src/conclave/web/client/infos.js";
import { Bench, info } from "./bench.js";

const shelf = () => {
  /** @type {Map<string, string>} */
  const map = new Map();
  return {
    map,
    getItem: (/** @type {string} */ key) => map.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => void map.set(key, value),
    removeItem: (/** @type {string} */ key) => void map.delete(key),
  };
};

/** A page as a tab that holds *tab* opens it. @param {ReturnType<typeof shelf>} tab */
function opened(tab) {
  const bench = new Bench();
  const act = (/** @type {Function} */ what) => what(bench.client, bench.now);
  const driver = /** @type {any} */ ({ client: bench.client, act, now: () => bench.now });
  const window = /** @type {any} */ ({
    location: { hash: "" },
    matchMedia: () => ({ matches: false }),
    document: { title: "", visibilityState: "hidden", querySelector: () => null },
    navigator: {},
    setTimeout,
    clearTimeout,
  });
  const page = new Page({ driver, keeping: new Keeping(tab), demo: [], window });
  return { bench, page, window };
}

/** @param {ReturnType<typeof opened>} one @param {string} [user] */
function letIn({ bench, page }, user = "user1") {
  bench.client.signIn("token", bench.now);
  bench.flush();
  bench.open();
  bench.hear("auth:response", { success: true, user: { id: user, name: user, role: "user" } });
  page.follow();
}

const offline = (/** @type {ReturnType<typeof opened>} */ { bench, page }) => {
  bench.close(1006);
  page.follow();
};

const desk = { room: "general", thread: null };

test("another user of the tab gets nothing of the one before, also over a reload", () => {
  for (const reload of [false, true]) {
    const tab = shelf();
    const first = opened(tab);
    letIn(first);
    first.page.writing.write(desk, "half a");
    first.page.going.closeRoom("random");
    offline(first);
    first.page.writing.say({ ...desk, room: "team" }, "for the team");
    const next = reload ? opened(tab) : first;
    letIn(next, "u9");
    assert.equal(next.page.writing.textOf(desk), "");
    assert.equal(next.page.going.left.size, 0);
    assert.equal(next.bench.client.outbox.items.size, 0);
    assert.doesNotMatch(JSON.stringify([...tab.map]), /half a|for the team|random/);
  }
});

test("the same user finds drafts and left rooms again", () => {
  const tab = shelf();
  const first = opened(tab);
  letIn(first);
  first.page.writing.write(desk, "half a");
  first.page.going.closeRoom("random");
  const again = opened(tab);
  letIn(again);
  assert.equal(again.page.writing.textOf(desk), "half a");
  assert.deepEqual([...again.page.going.left], ["random"]);
});

test("who is remembered sees rooms and drafts before the server answers", () => {
  const tab = shelf();
  const first = opened(tab);
  first.page.keeping.token = "token";
  letIn(first);
  first.page.writing.write(desk, "half a");
  const again = opened(tab);
  const list = [{ info: /** @type {any} */ (roomOf(info("general"))), mark: 0 }];
  again.bench.client.remember("user1", { me: null, items: [], rooms: [], list }, again.bench.now);
  again.page.follow();
  assert.deepEqual(again.page.listed.map(({ room }) => room), ["general"]);
  assert.equal(again.page.writing.textOf(desk), "half a");
});

test("signing out leaves nothing in the tab", () => {
  const tab = shelf();
  const one = opened(tab);
  letIn(one);
  offline(one);
  one.page.writing.write(desk, "half a");
  one.page.signOut();
  one.page.follow();
  assert.equal(tab.map.size, 0);
});

test("a room that was left counts in the title no longer", () => {
  const one = opened(shelf());
  letIn(one);
  const rooms = ["general", "random"].map((room) => info(room, { last_seq: 9, unread: 3 }));
  one.bench.hear("rooms", { rooms }, one.bench.one("room:list").id);
  one.page.follow();
  assert.match(one.window.document.title, /^\(6\)/);
  one.page.going.closeRoom("random");
  one.bench.hear("room:changed", { ...rooms[1], unread: 4 });
  one.page.follow();
  assert.match(one.window.document.title, /^\(3\)/);
});
