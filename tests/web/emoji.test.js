/** The list of emoji: whole, found by name in each language, and in each tone of skin. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { emojiBegunAt, isFewEmoji } from "../../src/conclave/web/app/emojitext.js";
import { found, joined, toned } from "../../src/conclave/web/app/emoji.js";
import { Keeping } from "../../src/conclave/web/app/keeping.js";
import { words } from "../../src/conclave/web/app/words.js";
import groups from "../../src/conclave/web/emoji/emoji.js";

const LANGUAGES = ["en", "de", "ar"];
/** @param {string} language @returns {Promise<string[]>} */
const namesOf = async (language) => (await import(`../../src/conclave/web/emoji/${language}.js`)).default;

test("each group has words, each emoji a name in each language", async () => {
  const count = groups.reduce((sum, [, list]) => sum + list.length, 0);
  assert.ok(count > 1_800);
  assert.deepEqual(groups.map(([name]) => name), Object.keys(words.emoji.groups).slice(1));
  for (const language of LANGUAGES) {
    const names = await namesOf(language);
    assert.equal(names.length, count);
    assert.ok(names.every((name) => name.split("|")[0] !== ""), language);
  }
  const all = groups.flatMap(([, list]) => list.map(([emoji]) => emoji));
  assert.equal(new Set(all).size, count);
  for (const [emoji = ""] of words.reactions.common) assert.ok(all.includes(emoji), emoji);
});

test("one is found by what it is called, in the language of the page", async () => {
  /** @param {string} language @param {string} query */
  const first = async (language, query) => found(joined(groups, await namesOf(language)), query, 6).map(({ emoji }) => emoji);
  assert.ok((await first("en", "owl")).includes("🦉"));
  assert.equal((await first("en", "thumbs up"))[0], "👍");
  assert.equal((await first("en", "+1"))[0], "👍");
  assert.equal((await first("en", ":tada:"))[0], "🎉");
  assert.ok((await first("de", "eule")).includes("🦉"));
  assert.ok((await first("de", "fröhlich")).length > 0);
  assert.deepEqual(await first("de", "frohlich"), await first("de", "fröhlich"));
  assert.ok((await first("ar", "بومة")).includes("🦉"));
  assert.deepEqual(await first("en", "🦉"), ["🦉"]);
  for (const query of ["", "   ", "::", "nothing is called so"]) assert.deepEqual(await first("en", query), []);
});

test("a tone goes on all hands and heads of one emoji", () => {
  assert.equal(toned("👍", 0), "👍");
  assert.equal(toned("👍", 5), "👍🏿");
  assert.equal(toned("✌️", 1), "✌🏻");
  assert.equal(toned("👩‍🚀", 3), "👩🏽‍🚀");
});

test("«:» begins an emoji where a word begins, and not in times and addresses", () => {
  assert.deepEqual(emojiBegunAt("so :smi", 7), { at: 3, query: "smi" });
  assert.deepEqual(emojiBegunAt(":+1", 3), { at: 0, query: "+1" });
  for (const text of ["12:30", "https://a", ":s", "a:smi", ":smi le", "::smi", ":-)"]) assert.equal(emojiBegunAt(text, text.length), null, text);
});

test("what was chosen is kept, whatever stands in its place, and forgotten with the rest", () => {
  const shelf = new Map();
  const storage = { getItem: (/** @type {string} */ key) => shelf.get(key) ?? null, setItem: shelf.set.bind(shelf), removeItem: shelf.delete.bind(shelf) };
  const keeping = new Keeping(storage);
  assert.deepEqual(keeping.emoji, { tone: 0, recent: [] });
  keeping.emoji = { tone: 3, recent: ["🦉", ...Array.from({ length: 40 }, (_, n) => `e${n}`)] };
  assert.equal(keeping.emoji.recent.length, 24);
  assert.equal(keeping.emoji.tone, 3);
  for (const bad of ["", "{}", "[9]", '["x",1,null]', '[null,"<b>"]']) {
    shelf.set("conclave.emoji", bad);
    assert.equal(keeping.emoji.tone, 0, bad);
    assert.ok(keeping.emoji.recent.every((one) => typeof one === "string"));
  }
  keeping.forget();
  assert.equal(shelf.has("conclave.emoji"), false);
});

test("a few emoji alone are told from all else, at once", () => {
  for (const text of ["🎉", "🎉 🦉", "👍🏽👩‍🚀", "🇩🇪🏴󠁧󠁢󠁷󠁬󠁳󠁿", "1️⃣❤️", "👩‍❤️‍💋‍👨".repeat(6)]) assert.ok(isFewEmoji(text), text);
  for (const text of ["", " ", "1", "1 2", "©", "🎉!", "a🎉", "🎉".repeat(7)]) assert.ok(!isFewEmoji(text), text);
  const begun = process.cpuUsage();
  for (const piece of ["\u200D❤\uFE0F", "🎉", "🇩", "\uFE0F", " ", "1\uFE0F\u20E3", "🏽", "🎉\uFE0F "]) {
    assert.ok(!isFewEmoji(`🎉${piece.repeat(4_000)}x`));
    assert.ok(!isFewEmoji(`🎉${piece.repeat(40)}`.slice(0, 199) + "x"));
  }
  assert.ok(process.cpuUsage(begun).user < 100_000);
});
