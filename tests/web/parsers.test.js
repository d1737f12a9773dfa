/** E8: no text takes the page's parsers long, and twice the text takes twice as long. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { namedIn } from "../../src/conclave/web/app/mentioned.js";
import { begunAt, matching, partsOf } from "../../src/conclave/web/app/mentions.js";
import { hueOf, initialsOf } from "../../src/conclave/web/app/people.js";
import { linkIn, placeOf } from "../../src/conclave/web/app/route.js";
import { decode, entryOf } from "../../src/conclave/web/client/wire.js";

const SIZE = 65_536;
const WITHIN_MS = 20;
const TWICE = 2.5;
/** Below it nobody can say how it grows. */
const SMALL_MS = 4;

/** @type {Record<string, (size: number) => string>} */
const ADVERSARIAL = {
  "at signs": (size) => "@".repeat(size),
  "beginnings of names": (size) => "@a".repeat(size / 2),
  "names": (size) => "@ann lee ".repeat(size / 9),
  "almost names": (size) => "@ann le".repeat(size / 7),
  "a name without an end": (size) => `@${"a".repeat(size)}`,
  "a last sigma": (size) => "@ΟΔΟΣ".repeat(size / 5),
  "letters and an end": (size) => `${"a".repeat(size)}!`,
  "parentheses": (size) => "(".repeat(size),
  "spaces": (size) => `a${" ".repeat(size)}b`,
  "dots": (size) => ".".repeat(size),
  "marks": (size) => `a${"\u0301\u0316".repeat(size / 2)}`,
  "joined emoji": (size) => "👨‍👩‍👧".repeat(size / 8),
  "percents": (size) => "%".repeat(size),
  "slashes": (size) => "#/".repeat(size / 2),
  "a link": (size) => `#join=${"a".repeat(size)}`,
  "quotes": (size) => '"'.repeat(size),
  "brackets": (size) => "[".repeat(size),
};

const PEOPLE = Array.from({ length: 200 }, (_, n) => ({ id: `u${n}`, name: n % 2 === 0 ? `ann lee${n}` : `a${"n".repeat(n % 60)}` }));
PEOPLE.push({ id: "odos", name: "οδος" });

/** @type {Record<string, (text: string) => unknown>} */
const PARSERS = {
  "parts of a text": (text) => partsOf(text, PEOPLE),
  "who is named": (text) => namedIn(text, PEOPLE),
  "a name begun at the end": (text) => begunAt(text, text.length),
  "who is meant": (text) => matching(text, PEOPLE),
  initials: initialsOf,
  hue: hueOf,
  address: placeOf,
  link: linkIn,
  frame: decode,
  entry: (text) => entryOf({ type: "message", room: "r", seq: 1, id: "i", user: "u", user_id: "u", timestamp: 1, text }),
};

/** The least milliseconds of the processor, of five tries. @param {(text: string) => unknown} parser @param {string} text */
function took(parser, text) {
  let best = Infinity;
  for (let n = 0; n < 5; n += 1) {
    const began = process.cpuUsage();
    try {
      parser(text);
    } catch {
      // Refused: that is an answer too.
    }
    const { user, system } = process.cpuUsage(began);
    best = Math.min(best, (user + system) / 1_000);
  }
  return best;
}

for (const [name, parser] of Object.entries(PARSERS)) {
  test(`${name}: quick at ${SIZE} characters, and linear`, (t) => {
    let worst = 0;
    for (const [what, make] of Object.entries(ADVERSARIAL)) {
      const once = took(parser, make(SIZE));
      const twice = took(parser, make(2 * SIZE));
      worst = Math.max(worst, once);
      assert.ok(once <= WITHIN_MS, `${what}: ${once.toFixed(1)} ms`);
      assert.ok(once < SMALL_MS || twice / once <= TWICE, `${what}: ${once.toFixed(1)} and ${twice.toFixed(1)} ms`);
    }
    t.diagnostic(JSON.stringify({ parser: name, worst_ms: Number(worst.toFixed(2)) }));
  });
}

test("what the index of names finds is what a look at each name finds", () => {
  const texts = Object.values(ADVERSARIAL).map((make) => make(600));
  texts.push("@ΟΔΟΣ @οδος, @Οδος! @ann lee4@ann lee6 x@ann lee8 @ANN LEE10.");
  const fold = (/** @type {string} */ text) => text.toLocaleLowerCase().replaceAll("ς", "σ");
  const letter = /[\p{L}\p{N}_]/u;
  const byLength = [...PEOPLE].sort((a, b) => b.name.length - a.name.length);
  for (const text of texts) {
    /** @type {string[]} */
    const expected = [];
    for (let at = 0; at < text.length; at += 1) {
      if (text[at] !== "@" || letter.test(text[at - 1] ?? " ")) continue;
      const found = byLength.find(({ name }) => fold(text.slice(at + 1, at + 1 + name.length)) === fold(name) && !letter.test(text[at + 1 + name.length] ?? " "));
      if (found === undefined) continue;
      expected.push(found.id);
      at += found.name.length;
    }
    assert.deepEqual(partsOf(text, PEOPLE).map(({ id }) => id).filter((id) => id !== null), expected, text.slice(0, 20));
  }
});
