/** The wire's normative examples, as the client reads and writes them. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CODES, mayComeBack, RETRYABLE } from "../../src/conclave/web/client/codes.js";
import { hitsOf, membersOf } from "../../src/conclave/web/client/answers.js";
import { changed } from "../../src/conclave/web/client/changes.js";
import { roomOf, roomsOf } from "../../src/conclave/web/client/infos.js";
import { encode, entryOf, historyOf, noticeOf } from "../../src/conclave/web/client/wire.js";

const examples = JSON.parse(readFileSync(new URL("../wire/examples.json", import.meta.url), "utf8"));

/** @param {string} name */
function dataOf(name) {
  return examples.frames.find((/** @type {{name: string}} */ one) => one.name === name).frame.data;
}

test("a close advises the client as it does the server", () => {
  for (const { code, reason, come_back } of [...examples.closes, ...examples.advice]) {
    assert.equal(mayComeBack(code, reason), come_back, `${code} ${reason}`);
  }
});

test("the client knows every error code, and which to try again", () => {
  assert.deepEqual([...CODES], examples.errors.map((/** @type {{code: string}} */ one) => one.code));
  for (const { code, retryable } of examples.errors) assert.equal(RETRYABLE.has(code), retryable, code);
});

test("a request is written as its example stands", () => {
  for (const { frame } of examples.requests) {
    assert.equal(encode(frame.type, frame.data, frame.id), JSON.stringify(frame));
  }
});

test("lines and rooms are read as they are meant", () => {
  assert.equal(entryOf(dataOf("message-own"))?.clientId, "c-1");
  assert.equal(entryOf(dataOf("message"))?.clientId, null);
  assert.equal(entryOf(dataOf("member-added"))?.memberName, "john");
  assert.equal(entryOf(dataOf("joined")), null);
  assert.equal(noticeOf(dataOf("joined"))?.userId, "user1");
  assert.equal(noticeOf(dataOf("message")), null);
  assert.equal(historyOf(dataOf("history"))?.entries.length, 2);
  assert.equal(historyOf(dataOf("history-reset"))?.reset, true);
  assert.equal(roomOf(dataOf("room-changed"))?.unread, 1);
  assert.equal(roomsOf(dataOf("rooms")).length, 2);
});

test("changes are read as they are meant", () => {
  const line = /** @type {import("../../src/conclave/web/client/wire.js").Entry} */ (entryOf(dataOf("message")));
  const after = (/** @type {string} */ name) => {
    const change = entryOf(dataOf(name));
    return change && changed(line, change, change.userId);
  };
  assert.equal(after("edited")?.text, entryOf(dataOf("edited"))?.text);
  assert.equal(after("deleted")?.deleted, true);
  assert.equal(after("pinned")?.pinned, true);
  assert.deepEqual(after("reacted")?.reactions.map(({ count, me }) => [count, me]), [[1, true]]);
  assert.equal(after("unreacted"), line);
});

test("messages as they are now, members and hits are read as they are meant", () => {
  const now = historyOf(dataOf("history-now"))?.entries ?? [];
  assert.ok(now.some(({ editedAt }) => editedAt !== null) && now.some(({ deleted }) => deleted));
  assert.ok(now.some(({ reactions }) => reactions.length > 0));
  assert.equal(typeof entryOf(dataOf("message-reply"))?.replyTo, "number");
  assert.ok(membersOf(dataOf("members")).members.every(({ id, role, joinedAt }) => id !== "" && role !== "" && joinedAt > 0));
  const { hits } = hitsOf(dataOf("search-results"));
  assert.ok(hits.length > 0 && hits[0]?.snippet.some(({ hit }) => hit));
  assert.equal(entryOf(dataOf("room-updated"))?.title, dataOf("room-updated").title ?? null);
});
