/** The sentences of the page: each language has all of them, in its own words and forms. */

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";

const WORDS = new URL("../../src/conclave/web/app/words/", import.meta.url);
const LANGUAGES = readdirSync(WORDS, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
const OTHERS = LANGUAGES.filter((language) => language !== "en");

/** @param {string} language @returns {Promise<{words: object, REASONS: Map<string, string>}>} */
const of = async (language) => {
  const { words, ...more } = await import(new URL(`${language}/index.js`, WORDS).href);
  // What is fetched where it is seen is held to the same.
  const late = await Promise.all(["attaching", "providers", "slash", "programs"].map((name) => import(new URL(`${language}/${name}.js`, WORDS).href)));
  return { words: Object.assign({ ...words }, ...late), ...more };
};

/** What is the same wherever it is said. */
const NAMES = new Set(["Conclave", "Server", "Version", "SQLite", "Name", "Normal", "Person", "Admin", "Admins", "Bot", "Bots", "Webhooks", "Code", "Link", "Links", "Status", "Token", "Passkeys", "Thread", "QR"]);
/** Sentences that are names and signs alone, or the same in two languages by chance. */
const ALIKE = new Set(["title", "notices.title", "announced.message", "latch.ms", "palette.part"]);
/** Nothing, or a picture. */
const VALUE = /^(\p{Extended_Pictographic}\S*|)$/u;
/** What stands in the place of what is not known yet. The number has each form of Arabic. */
const NUMBERS = [0, 1, 2, 3, 11, 100];

/** Each leaf by its path. @param {unknown} value @param {string} [path] @returns {[string, unknown][]} */
function leaves(value, path = "") {
  if (value instanceof Map) return [...value].flatMap(([key, inner]) => leaves(inner, `${path}.${key}`));
  if (typeof value !== "object" || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === "" ? key : `${path}.${key}`));
}

/** Whether it is what is chosen, pressed or searched by, no sentence: the first of each pair. @param {string} path */
const isKey = (path) => /\.\d+\.0$/.test(path) && !/groups\.\d+\.0$/.test(path);

/** Names that no language has. @param {number} place */
const name = (place) => `ZZ${"ABCDEFGHIJ"[place]}Q`;
const NAME = /ZZ[A-J]Q/g;

/** Ways of asking a sentence of *size* places about *n* things. @param {number} size @param {number} n @returns {unknown[][]} */
function ways(size, n) {
  const places = Array.from({ length: Math.max(size, 1) }, (_, place) => place);
  return [
    places.map(name),
    places.map(() => n),
    places.map((place) => (place === 0 ? n : name(place))),
    places.map((place) => (place === 0 ? name(place) : n)),
    places.map((place) => [name(place), name(place + 7)]),
    [name(0), n, [name(1), name(2)]],
    [{ code: "banned", message: "", retryAfterMs: null }],
    [{ code: "rate_limited", message: "", retryAfterMs: n * 1000 }],
    [null, n],
  ];
}

/** @param {Function} say @param {unknown[]} given */
function said(say, given) {
  try {
    return String(say(...given));
  } catch {
    return "undefined";
  }
}

const SENSELESS = /undefined|NaN|\[object|Q,Z|Z, Z/;

/** What *say* answers to each way of asking that makes sense to the English. @param {Function} english @param {Function} say @param {number} [n] */
function answers(english, say, n = 3) {
  const sensible = ways(english.length, n).filter((given) => !SENSELESS.test(said(english, given)));
  return sensible.map((given) => said(say, given));
}

/** @param {string[]} texts */
const namesIn = (texts) => new Set(texts.flatMap((text) => text.match(NAME) ?? []));

/** Each function of a language beside the English. @param {string} language @returns {Promise<[string, Function, Function][]>} */
async function pairs(language) {
  const found = new Map(leaves((await of(language)).words));
  return leaves((await of("en")).words).flatMap(([path, english]) => {
    const say = found.get(path);
    return typeof english === "function" && typeof say === "function" ? [/** @type {[string, Function, Function]} */ ([path, english, say])] : [];
  });
}

const ARABIC = /\p{Script=Arabic}/u;

for (const language of OTHERS) {
  test(`${language} has every sentence, and each takes what the English takes`, async () => {
    const [english, other] = [await of("en"), await of(language)];
    const [wanted, found] = [leaves(english.words), leaves(other.words)].map((all) => new Map(all));
    assert.ok(wanted && found);
    assert.ok(wanted.size > 500);
    assert.deepEqual([...found.keys()].sort(), [...wanted.keys()].sort());
    for (const [path, sentence] of wanted) assert.equal(typeof found.get(path), typeof sentence, path);
    assert.deepEqual([...other.REASONS.keys()], [...english.REASONS.keys()]);
  });

  test(`${language} chooses among the same things as the English`, async () => {
    const [english, other] = [await of("en"), await of(language)];
    const keys = (/** @type {object} */ words) => new Map(leaves(words).filter(([path]) => isKey(path) && !path.includes("operators")));
    assert.ok(keys(english.words).size > 40);
    assert.deepEqual(keys(other.words), keys(english.words));
  });

  test(`${language} leaves nothing in English`, async () => {
    const [english, other] = [await of("en"), await of(language)];
    const found = new Map([...leaves(other.words), ...leaves(other.REASONS)]);
    for (const [path, sentence] of [...leaves(english.words), ...leaves(english.REASONS)]) {
      if (typeof sentence !== "string" || isKey(path) || VALUE.test(sentence) || NAMES.has(sentence)) continue;
      assert.notEqual(found.get(path), sentence, path);
    }
    const same = (await pairs(language)).filter(([, say, own]) => /[a-z]{3}/.test(String(answers(say, say)[0] ?? "").replace(NAME, "")) && answers(say, say)[0] === answers(say, own)[0]);
    assert.deepEqual(same.map(([path]) => path).filter((path) => !ALIKE.has(path)), []);
  });

  test(`${language} says every name that a sentence is given, and every number`, async () => {
    let names = 0;
    for (const [path, english, say] of await pairs(language)) {
      const wanted = namesIn(answers(english, english));
      names += wanted.size;
      assert.deepEqual(namesIn(answers(english, say)), wanted, path);
      for (const n of NUMBERS) for (const text of answers(english, say, n)) assert.doesNotMatch(text, /undefined|NaN|#|\[object/, path);
    }
    assert.ok(names > 60, `${names} names`);
  });
}

test("Arabic has its forms for one, two, few and many", async () => {
  const unread = /** @type {(n: number) => string} */ (new Map(leaves((await of("ar")).words)).get("roomsList.unread"));
  assert.equal(new Set(NUMBERS.map((n) => unread(n).replace(/[\d٠-٩]+/gu, ""))).size, 4);
});

test("Arabic is written in Arabic, and a name inside of it moves nothing", async () => {
  const { words, REASONS } = await of("ar");
  for (const [path, value] of [...leaves(words), ...leaves(REASONS)]) {
    if (typeof value === "string" && !isKey(path) && !VALUE.test(value) && !NAMES.has(value)) assert.match(value, ARABIC, path);
  }
  for (const [path, english, say] of await pairs("ar")) {
    for (const text of answers(english, say).filter((one) => ARABIC.test(one))) {
      for (const [, before] of text.matchAll(/(.)ZZ[A-J]Q/gsu)) assert.equal(before, "\u2068", `${path}: ${text}`);
    }
  }
});
