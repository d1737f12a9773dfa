/**
 * Makes the emoji of src/conclave/web/emoji from what Unicode says of them.
 *
 * Order, groups and shortcodes are emojibase's, names and search words CLDR's. The packages
 * weigh 200 MB, so they are no dependency: fetch them once, into a folder elsewhere.
 *
 *     npm install --prefix FOLDER --ignore-scripts emojibase-data@17.0.0 \
 *         cldr-annotations-full@48.2.0 cldr-annotations-derived-full@48.2.0
 *     node scripts/emoji.mjs FOLDER
 *
 * It refuses other versions, and writes what it read, and the checksums of what it made, into
 * `sources.json`, which a test holds to the files.
 */

import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { toned } from "../src/conclave/web/app/emoji.js";

const TO = join(dirname(fileURLToPath(import.meta.url)), "../src/conclave/web/emoji");
const LANGUAGES = ["en", "de", "ar"];
/** Newer ones are boxes on many a device. */
const NEWEST = 15.1;
/** Groups by number; the second is of parts of emoji, not of emoji. */
const GROUPS = ["smileys", "people", null, "animals", "food", "travel", "activities", "objects", "symbols", "flags"];
const VERSIONS = { "emojibase-data": "17.0.0", "cldr-annotations-full": "48.2.0", "cldr-annotations-derived-full": "48.2.0" };
const TONES = [1, 2, 3, 4, 5];

const [, , folder = ""] = process.argv;
const modules = join(folder, "node_modules");
/** @param {string} path */
const read = (path) => JSON.parse(readFileSync(join(modules, path), "utf8"));

function sources() {
  const lock = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8")).packages;
  return Object.entries(VERSIONS).map(([name, version]) => {
    const { version: found, integrity } = lock[`node_modules/${name}`];
    if (found !== version) throw new Error(`${name} is ${found}, and should be ${version}`);
    return { name, version, licence: read(`${name}/package.json`).license, integrity };
  });
}

/** As Unicode's own list has it: what is an emoji by itself needs no selector behind it. @param {string} text */
const qualified = (text) => text.replace(/(\p{Emoji_Presentation})\uFE0F/gu, "$1");

/** The emoji in order. @returns {any[]} */
const emoji = () =>
  read("emojibase-data/en/data.json")
    .map((/** @type {any} */ one) => ({ ...one, emoji: qualified(one.emoji) }))
    .filter((/** @type {any} */ one) => one.group !== undefined && GROUPS[one.group] && one.version <= NEWEST)
    .sort((/** @type {any} */ a, /** @type {any} */ b) => a.group - b.group || a.order - b.order);

/** Whether one tone for all of its hands and heads makes emoji that there are. @param {any} one */
function hasTones({ emoji: plain, skins = [] }) {
  const there = new Set(skins.map((/** @type {any} */ skin) => qualified(skin.emoji)));
  return TONES.every((tone) => there.has(toned(plain, tone)));
}

/** @param {any[]} all @returns {[string, [string, number, string][]][]} */
function grouped(all) {
  const codes = read("emojibase-data/en/shortcodes/github.json");
  return GROUPS.flatMap((name, group) => {
    if (name === null) return [];
    const own = all.filter((one) => one.group === group);
    return [[name, own.map((one) => [one.emoji, hasTones(one) ? 1 : 0, [codes[one.hexcode] ?? []].flat().join(" ")])]];
  });
}

/** For each emoji its name, and words to find it by. @param {any[]} all @param {string} language */
function names(all, language) {
  const said = {
    ...read(`cldr-annotations-derived-full/annotationsDerived/${language}/annotations.json`).annotationsDerived.annotations,
    ...read(`cldr-annotations-full/annotations/${language}/annotations.json`).annotations.annotations,
  };
  return all.map(({ emoji: one, label }) => {
    const { tts: [name] = [label], default: words = [] } = said[one.replaceAll("\uFE0F", "")] ?? said[one] ?? {};
    return [name, ...words.filter((/** @type {string} */ word) => !name.includes(word))].join("|");
  });
}

/** @param {string} name @param {string} what @param {unknown[]} lines */
function write(name, what, lines) {
  const text = `/* ${what} Made by scripts/emoji.mjs: do not edit. */\nexport default [\n${lines.map((line) => JSON.stringify(line)).join(",\n")},\n];\n`;
  writeFileSync(join(TO, name), text);
  writeFileSync(join(TO, name.replace(/js$/, "d.ts")), `declare const data: ${name === "emoji.js" ? "[string, [string, number, string][]][]" : "string[]"};\nexport default data;\n`);
  return createHash("sha256").update(text).digest("hex");
}

mkdirSync(TO, { recursive: true });
const all = emoji();
/** @type {Record<string, string>} */
const files = { "emoji.js": write("emoji.js", "Groups of emoji: each with whether it has skin tones, and its shortcodes.", grouped(all)) };
for (const language of LANGUAGES) files[`${language}.js`] = write(`${language}.js`, `The emoji's names and search words in «${language}», in their order.`, names(all, language));
writeFileSync(join(TO, "sources.json"), `${JSON.stringify({ sources: sources(), files }, null, 2)}\n`);
copyFileSync(join(modules, "cldr-annotations-full/LICENSE"), join(TO, "cldr.LICENSE"));
copyFileSync(join(modules, "emojibase-data/LICENSE"), join(TO, "emojibase.LICENSE"));
console.log(`${all.length} emoji`);
