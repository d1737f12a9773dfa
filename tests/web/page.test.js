/** The page's own rules: rows, folds, announcements, addresses, words. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Announcer } from "../../src/conclave/web/app/announcer.js";
import { dress } from "../../src/conclave/web/app/dressing.js";
import { Keeping } from "../../src/conclave/web/app/keeping.js";
import { hueOf, initialsOf } from "../../src/conclave/web/app/people.js";
import { addressOf, hashOf, linkIn, officeHash, placeOf } from "../../src/conclave/web/app/route.js";
import { summed, Timeline } from "../../src/conclave/web/app/timeline.js";
import { REASONS, words } from "../../src/conclave/web/app/words.js";
import { CODES } from "../../src/conclave/web/client/codes.js";
import { entryOf } from "../../src/conclave/web/client/wire.js";
import { message } from "./bench.js";

/** @import { Entry } from "../../src/conclave/web/client/wire.js" */

const MINUTE = 60_000;
const NOON = new Date(2026, 10, 22, 12).getTime();

/** @param {number} seq @param {object} [more] */
const line = (seq, more = {}) => /** @type {Entry} */ (entryOf(message("general", seq, { timestamp: NOON + seq * 1_000, ...more })));

const AROUND = {
  me: "user1",
  marked: null,
  quoteOf: (/** @type {number} */ seq) => (seq === 1 ? line(1) : null),
  namesOf: (/** @type {string[]} */ ids) => ids.map((id) => ({ id, name: `name of ${id}` })),
  changeOf: () => null,
};

/** @param {{lines?: Entry[], notices?: any[], pending?: any[], newFrom?: number | null}} known */
const rows = ({ lines = [], notices = [], pending = [], newFrom = null }) => {
  const timeline = new Timeline();
  timeline.update({ lines, notices, pending, newFrom, me: "user1" });
  const around = { ...AROUND, repliesOf: (/** @type {number} */ seq) => timeline.replies.get(seq) ?? 0 };
  return timeline.rows.map((row) => dress(row, around));
};

/** @param {string} name @param {string} type @param {number} after */
const notice = (name, type, after) => ({ type, name, room: "general", userId: null, timestamp: NOON, after, key: `n${name}${type}` });

test("a day begins with its rule", () => {
  const kinds = rows({ lines: [line(1), line(2), line(3, { timestamp: NOON + 86_400_000 })] }).map((row) => row.kind);
  assert.deepEqual(kinds, ["day", "message", "message", "day", "message"]);
});

test("an author's name stands once for five minutes", () => {
  const times = [0, 1, 4.9, 5, 9, 10.1];
  const lines = times.map((minutes, n) => line(n + 1, { timestamp: NOON + minutes * MINUTE }));
  const first = rows({ lines }).filter((row) => row.kind === "message").map((row) => row.first);
  assert.deepEqual(first, [true, false, false, true, false, true]);
});

test("another author, the rule of what is new, and a fold begin a group anew", () => {
  const lines = [line(1), line(2, { user_id: "u9" }), line(3, { user_id: "u9" }), line(4, { user_id: "u9" })];
  const found = rows({ lines, newFrom: 3, notices: [notice("ana", "user:left", 3)] });
  assert.deepEqual(found.map((row) => row.kind), ["day", "message", "message", "new", "message", "folded", "message"]);
  assert.ok(found.every((row) => row.kind !== "message" || row.first));
});

test("what is on its way stands last, and keeps its key when it is stored", () => {
  const item = { id: "c-1", room: "general", text: "hi", at: NOON, state: "sent", replyTo: null, mentions: [] };
  const before = rows({ lines: [line(1)], pending: [item] }).at(-1);
  const after = rows({ lines: [line(1), line(2, { user_id: "user1", client_id: "c-1" })] }).at(-1);
  assert.equal(before?.kind, "pending");
  assert.equal(before?.key, after?.key);
});

test("somebody else's line cannot take the key of one's own", () => {
  const found = rows({ lines: [line(1, { client_id: "c-1" }), line(2, { client_id: "c-1" })] });
  assert.equal(new Set(found.map((row) => row.key)).size, found.length);
});

test("comings and goings that follow each other fold into one row", () => {
  const notices = ["john", "ana", "kim"].map((name) => notice(name, "user:joined", 1));
  const found = rows({ lines: [line(1), line(2)], notices: [...notices, notice("kim", "user:left", 1)] });
  assert.deepEqual(found.map((row) => row.kind), ["day", "message", "folded", "message"]);
  const folded = found[2];
  assert.ok(folded?.kind === "folded");
  assert.deepEqual(summed(folded.moves), { joined: [], cameIn: ["john", "ana"], passed: ["kim"], quit: [], removed: [], left: [] });
});

test("who left and came back only came in; who was there and left, left", () => {
  /** @param {[string, "cameIn" | "left" | "joined"][]} moves */
  const sum = (moves) => summed(moves.map(([name, move]) => ({ name, move, timestamp: 0, seq: null })));
  assert.deepEqual(sum([["a", "left"], ["a", "cameIn"]]).cameIn, ["a"]);
  assert.deepEqual(sum([["a", "left"]]).left, ["a"]);
  assert.deepEqual(sum([["a", "joined"], ["a", "cameIn"]]), { joined: ["a"], cameIn: [], passed: [], quit: [], removed: [], left: [] });
});

test("who gave up membership is said so, unless they are members again", () => {
  const gone = line(2, { type: "member:removed", user_id: "u9", member: "u9", member_name: "ana" });
  const thrown = line(3, { type: "member:removed", user_id: "user1", member: "u8", member_name: "kim" });
  const [, folded] = rows({ lines: [gone, thrown], notices: [notice("ana", "user:left", 3)] });
  assert.ok(folded?.kind === "folded");
  assert.deepEqual([summed(folded.moves).quit, summed(folded.moves).removed, summed(folded.moves).left], [["ana"], ["kim"], []]);
  const back = line(4, { type: "member:added", member: "u9", member_name: "ana" });
  const [, again] = rows({ lines: [gone, back] });
  assert.ok(again?.kind === "folded");
  assert.deepEqual([summed(again.moves).quit, summed(again.moves).joined], [[], ["ana"]]);
});

test("a row knows what it answers, whom it names, and how many replies its thread has", () => {
  const lines = [line(1), line(2, { thread: 1, reply_to: 1, mentions: ["user1"] }), line(3, { thread: 1, deleted: true, text: "" })];
  const [first, reply] = rows({ lines }).filter((row) => row.kind === "message");
  assert.equal(first?.replies, 1);
  assert.equal(first?.quoted, null);
  assert.equal(reply?.quoted?.seq, 1);
  assert.equal(reply?.forMe, true);
  assert.deepEqual(reply?.named, [{ id: "user1", name: "name of user1" }]);
});

test("a change of the room is a line of its own", () => {
  const found = rows({ lines: [line(1, { type: "room:updated", topic: "New" }), line(2, { type: "reaction:added" })] });
  assert.deepEqual(found.map((row) => row.kind), ["day", "noted"]);
});

test("many names become a number", () => {
  assert.equal(words.folded.cameIn(["john"]), "john came in");
  assert.equal(words.folded.cameIn(["john", "ana", "kim", "li", "bo"]), "john, ana, and 3 others came in");
  assert.equal(words.typing(["ana", "kim"]), "ana and kim are writing");
});

test("one announcement a second, then a number", () => {
  const announcer = new Announcer();
  announcer.heard({ user: "ana", text: "hi" });
  assert.equal(announcer.say(0), "ana: hi");
  for (let n = 0; n < 5; n += 1) announcer.heard({ user: "ana", text: String(n) });
  assert.equal(announcer.say(999), null);
  assert.equal(announcer.due, 1_000);
  assert.equal(announcer.say(1_000), "5 new messages");
  announcer.heard({ user: "ana", text: "left behind" });
  announcer.forget();
  assert.equal(announcer.say(9_000), null);
});

test("every code of the protocol has its sentence", () => {
  for (const code of CODES) assert.match(REASONS.get(code) ?? "", /^[a-z].*\.$/, code);
});

test("no sentence shouts, blames or shows a code", () => {
  /** @param {unknown} value @returns {string[]} */
  const texts = (value) => {
    if (typeof value === "string") return [value];
    if (typeof value === "object" && value !== null) return Object.values(value).flatMap(texts);
    return [];
  };
  for (const text of [...texts(words), ...REASONS.values()]) {
    assert.doesNotMatch(text, /!|oops|please|error|invalid|failed to/i);
  }
});

test("addresses name a room and a number, and nothing breaks them", () => {
  for (const room of ["general", "a/b", "東京 💬", "100%", "#", "?x=1&y", "__proto__"]) {
    assert.deepEqual(placeOf(hashOf(room)), { room, seq: null, office: null });
    assert.deepEqual(placeOf(hashOf(room, 8)), { room, seq: 8, office: null });
  }
  assert.deepEqual(placeOf(""), { room: null, seq: null, office: null });
  assert.deepEqual(placeOf("#%E0%A4%A"), { room: null, seq: null, office: null });
  assert.deepEqual(placeOf(officeHash("people")), { room: null, seq: null, office: "people" });
  assert.equal(placeOf("#general/0x10").seq, null);
});

test("a link's secret is no room's name, and a room's name no link", () => {
  const token = "cvl_0123456789abcdef";
  for (const kind of ["setup", "invite", "reset", "join"]) {
    const { hash } = new URL(addressOf({ origin: "https://chat.test", pathname: "/" }, kind, token));
    assert.deepEqual(linkIn(hash), { kind, token });
    assert.deepEqual(placeOf(hash), { room: null, seq: null, office: null });
    assert.equal(linkIn(hashOf(`${kind}=${token}`)), null);
  }
  for (const hash of ["", "#general", "#setup=", "#setup=short", "#other=0123456789", "#invite=<script>alert(1)</script>"]) {
    assert.equal(linkIn(hash), null);
  }
});

test("a person has one of eight hues, always the same, and at most two initials", () => {
  const hues = Array.from({ length: 400 }, (_, n) => hueOf(`user${n}`));
  assert.deepEqual([...new Set(hues)].sort(), [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.equal(hueOf("user1"), hueOf("user1"));
  assert.equal(initialsOf("john"), "J");
  assert.equal(initialsOf("Ana María-Luz"), "AL");
  assert.equal(initialsOf(""), "?");
  assert.ok(initialsOf(`e${"\u0301".repeat(500)}`).length < 10);
});

test("storage that is full, forbidden or forged changes nothing", () => {
  const broken = () => {
    throw new Error("forbidden");
  };
  const shelf = { getItem: broken, setItem: broken, removeItem: broken };
  const keeping = new Keeping(shelf);
  keeping.token = "t";
  assert.equal(keeping.token, "");
  assert.equal(keeping.drafts.size, 0);
  for (const forged of ["{", "{}", "7", '[["a",1],[2,"b"],null,"x"]', "null"]) {
    const kept = new Keeping({ ...shelf, getItem: () => forged });
    assert.equal(kept.drafts.size, 0);
    assert.equal(kept.left.size, 0);
  }
});

test("the token is kept in the tab's storage, and all goes on signing out", () => {
  /** @type {Map<string, string>} */
  const tab = new Map();
  const keeping = new Keeping({
    getItem: (key) => tab.get(key) ?? null,
    setItem: (key, value) => void tab.set(key, value),
    removeItem: (key) => void tab.delete(key),
  });
  keeping.token = "secret";
  keeping.drafts = new Map([["general", "half a"]]);
  keeping.left = new Set(["random"]);
  assert.equal(keeping.token, "secret");
  assert.deepEqual([...keeping.left], ["random"]);
  keeping.forget();
  assert.equal(tab.size, 0);
});

test("the title says how much is unread, and where one is", () => {
  assert.equal(words.title(3, 0, "general"), "(3) general · Conclave");
  assert.equal(words.title(3, 1, "general"), "(@1 · 3) general · Conclave");
  assert.equal(words.title(0, 0, null), "Conclave");
});
