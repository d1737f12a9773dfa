/** A message that waits for its files: when it goes, under which id, and what is sent anew. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Filed } from "../../src/conclave/web/app/attaching/filed.js";
import { follow, keptOf, readParcel } from "../../src/conclave/web/app/attaching/parcels.js";
import { Bench, message } from "./bench.js";

/** @import { Page } from "../../src/conclave/web/app/page.js" */
/** @import { Parcel } from "../../src/conclave/web/app/attaching/parcels.js" */

const ATTACHED = { id: "0a".repeat(16), name: "a.txt", type: "text/plain", size: 5, width: null, height: null, thumb: false, alt: "" };
const HOUR_MS = 3_600_000;

/** @param {Partial<Parcel>} [more] @returns {Parcel} */
function parcel(more = {}) {
  const filed = new Filed({ key: "k", room: "general", name: "a.txt", type: "text/plain", size: 5 }, new Blob(["hello"]));
  return { id: "w-1", desk: { room: "general", thread: null }, text: "Look", replyTo: null, mentions: [], files: [filed], said: false, again: false, ...more };
}

/** @param {Parcel} parcel @param {number} at */
function arrived({ files }, at) {
  for (const filed of files) Object.assign(filed, { state: "sent", attached: ATTACHED, at });
}

/** A page of which only the client is there. */
function inRoom() {
  const bench = new Bench().signedIn().inRoom("general", [message("general", 1)]);
  bench.client.kept = { where: "disk", why: null };
  bench.sent();
  const act = (/** @type {(client: unknown, now: number) => unknown} */ what) => what(bench.client, bench.now);
  return { bench, page: /** @type {Page} */ (/** @type {unknown} */ ({ client: bench.client, driver: { act } })) };
}

test("it goes when the last of its files has arrived, and is over once it is stored", () => {
  const { bench, page } = inRoom();
  const waits = parcel();
  assert.equal(follow(page, waits, 0), false);
  assert.deepEqual(bench.sent("chat"), []);
  arrived(waits, 0);
  assert.equal(follow(page, waits, 1), false);
  const [sent] = bench.sent("chat");
  assert.deepEqual([sent?.id, sent?.data.attachments], ["w-1", [{ id: ATTACHED.id, alt: "" }]]);
  follow(page, waits, 2);
  assert.deepEqual(bench.sent("chat"), []);
  bench.hear("chat", message("general", 2, { user_id: "user1", client_id: "w-1" }));
  bench.hear("ack", { room: "general", seq: 2, message_id: "m-2", timestamp: 1 }, "w-1");
  assert.equal(follow(page, waits, 3), true);
});

test("what arrived long ago is sent anew before the message names it", () => {
  const { bench, page } = inRoom();
  const waits = parcel();
  arrived(waits, 0);
  follow(page, waits, HOUR_MS);
  assert.deepEqual([bench.sent("chat"), waits.files[0]?.state], [[], "waiting"]);
});

test("what the server has forgotten is sent anew once, and the message under the same id", () => {
  const { bench, page } = inRoom();
  const waits = parcel();
  arrived(waits, 0);
  follow(page, waits, 1);
  bench.sent();
  bench.hear("error", { code: "not_found", message: "" }, "w-1");
  assert.equal(follow(page, waits, 2), false);
  assert.deepEqual([waits.said, waits.files[0]?.state, bench.client.outbox.of("general")], [false, "waiting", []]);
  arrived(waits, 3);
  follow(page, waits, 4);
  assert.equal(bench.sent("chat")[0]?.id, "w-1");
  bench.hear("error", { code: "not_found", message: "" }, "w-1");
  assert.equal(follow(page, waits, 5), false);
  assert.equal(bench.client.outbox.items.get("w-1")?.state, "failed");
});

test("after a reload it is said again under its id, and not while it is unknown what the outbox has", () => {
  const { bench, page } = inRoom();
  const waits = parcel();
  arrived(waits, 0);
  const back = readParcel(structuredClone(keptOf(waits)));
  assert.ok(back);
  bench.client.kept = { where: "opening", why: null };
  follow(page, back, 1);
  assert.deepEqual(bench.sent("chat"), []);
  bench.client.kept = { where: "disk", why: null };
  follow(page, back, 1);
  assert.equal(bench.sent("chat")[0]?.id, "w-1");
});

test("what a tab kept is read with mistrust", () => {
  const kept = structuredClone(keptOf(parcel()));
  assert.equal(readParcel(kept)?.files[0]?.state, "lost");
  for (const bad of [null, 7, [], { ...kept, id: "no id" }, { ...kept, desk: null }, { ...kept, desk: {} }, { ...kept, files: [] }, { ...kept, files: ["x", {}] }]) assert.equal(readParcel(bad), null);
  const filed = Filed.read({ key: "k", room: "r", size: "x", attached: { id: "../" }, alt: 7 });
  assert.deepEqual([filed?.size, filed?.attached, filed?.alt, filed?.state], [0, null, "", "lost"]);
  filed?.found(new Blob(["x"]));
  assert.equal(filed?.state, "waiting");
});
