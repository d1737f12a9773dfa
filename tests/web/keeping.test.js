/** What a tab keeps over a reload, for whom, and what of it a client goes on with. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Keeping } from "../../src/conclave/web/app/keeping.js";
import { Page } from "../../src/conclave/web/app/page.js";
import { Bench, history, message } from "./bench.js";

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
    document: { title: "", visibilityState: "hidden" },
    setTimeout,
  });
  const page = new Page({ driver, keeping: new Keeping(tab, shelf()), demo: [], window });
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

test("what was not sent is sent after a reload, under its id, before what was written later", () => {
  const tab = shelf();
  const before = opened(tab);
  letIn(before);
  offline(before);
  before.page.say("general", "1");
  before.page.say("general", "2");
  before.page.follow();
  const ids = [...before.bench.client.outbox.items.keys()];

  const after = opened(tab);
  after.bench.client.outbox.makeId = () => "later";
  after.page.say("general", "3");
  letIn(after);
  const join = after.bench.one("join:room");
  const stored = message("general", 7, { user_id: "user1", text: "1", client_id: ids[0] });
  after.bench.hear("history", history("general", [stored]), join.id);
  const { data, id } = after.bench.one("chat");
  assert.deepEqual([data.text, id], ["2", ids[1]], "the first one had been stored");
  after.bench.hear("ack", { room: "general", seq: 8, message_id: "m-8", timestamp: 1 }, id);
  assert.equal(after.bench.one("chat").data.text, "3");
  after.page.follow();
  assert.deepEqual(after.page.keeping.pending.map(({ text }) => text), ["3"]);
});

test("another user of the tab gets nothing of the one before, also over a reload", () => {
  for (const reload of [false, true]) {
    const tab = shelf();
    const first = opened(tab);
    letIn(first);
    first.page.write("general", "half a");
    first.page.left.add("random");
    first.page.keeping.left = first.page.left;
    offline(first);
    first.page.say("team", "for the team");
    first.page.follow();
    const next = reload ? opened(tab) : first;
    letIn(next, "u9");
    assert.equal(next.page.draftOf("general"), "");
    assert.equal(next.page.left.size, 0);
    assert.equal(next.bench.client.outbox.items.size, 0);
    assert.doesNotMatch(JSON.stringify([...tab.map]), /half a|for the team|random/);
  }
});

test("the same user finds drafts and left rooms again", () => {
  const tab = shelf();
  const first = opened(tab);
  letIn(first);
  first.page.write("general", "half a");
  first.page.leave("random");
  const again = opened(tab);
  letIn(again);
  assert.equal(again.page.draftOf("general"), "half a");
  assert.deepEqual([...again.page.left], ["random"]);
});

test("signing out erases what was not sent", () => {
  const tab = shelf();
  const one = opened(tab);
  letIn(one);
  offline(one);
  one.page.say("general", "1");
  one.page.follow();
  one.page.signOut();
  one.page.follow();
  assert.equal(tab.map.size, 0);
});

test("kept messages that were forged are not sent", () => {
  const tab = shelf();
  letIn(opened(tab));
  for (const forged of ["{", "{}", "7", '[null, 7, ["a"], {"id": 1}, {"id": "a", "room": "b", "text": "c"}]']) {
    tab.setItem("conclave.pending", forged);
    assert.deepEqual(new Keeping(tab, shelf()).pending, []);
  }
});

test("a room that was left counts in the title no longer", () => {
  const one = opened(shelf());
  letIn(one);
  const rooms = ["general", "random"].map((room) => ({
    room, title: room, topic: "", kind: "public", role: "member", members: 2, last_seq: 9, read_seq: 0, unread: 3, mentions: 0,
  }));
  one.bench.hear("rooms", { rooms }, one.bench.one("room:list").id);
  one.page.follow();
  assert.match(one.window.document.title, /^\(6\)/);
  one.page.leave("random");
  one.bench.hear("room:changed", { ...rooms[1], unread: 4 });
  one.page.follow();
  assert.match(one.window.document.title, /^\(3\)/);
});
