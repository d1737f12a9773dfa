/**
 * Copies the browser's few libraries out of node_modules into src/conclave/web/vendor.
 *
 * Each stands for itself, as an ES module whose imports are relative (an import map would
 * have to be inline, and the page's security policy forbids that), with its licence beside
 * it and its version and checksums in `vendor.json`. It downloads nothing: `npm ci` has
 * checked what is in node_modules against package-lock.json.
 *
 *     npm ci && node scripts/vendor.mjs            writes
 *     npm ci && node scripts/vendor.mjs --check    exits 1 when something differs
 */

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const FROM = join(ROOT, "node_modules");
const TO = join(ROOT, "src/conclave/web/vendor");

/** The languages of code that the log tells apart: app/highlighting.js names each. */
const LANGUAGES =
  "bash c cpp csharp css diff dockerfile go http ini java javascript json kotlin lua makefile markdown nginx perl php powershell python ruby rust sql swift typescript xml yaml".split(" ");

/** From which file of which package, to which file of ours; `types` is what tsc reads instead. */
const MODULES = [
  { package: "preact", from: "dist/preact.mjs", to: "preact.js", types: 'export * from "preact";' },
  {
    package: "preact",
    from: "hooks/dist/hooks.mjs",
    to: "preact-hooks.js",
    types: 'export * from "preact/hooks";',
  },
  { package: "htm", from: "dist/htm.mjs", to: "htm.js", types: 'export { default } from "htm";' },
  {
    package: "@highlightjs/cdn-assets",
    from: "es/core.min.js",
    to: "highlight/core.js",
    types: "declare const highlighter: any;\nexport default highlighter;",
  },
  ...LANGUAGES.map((name) => ({
    package: "@highlightjs/cdn-assets",
    from: `es/languages/${name}.min.js`,
    to: `highlight/${name}.js`,
    types: "declare const grammar: unknown;\nexport default grammar;",
  })),
  { package: "marked", from: "lib/marked.esm.js", to: "marked.js", types: 'export * from "marked";' },
];

/** @type {Record<string, string>} */
const RELATIVE = { preact: "./preact.js" };

/** @param {string} text */
const sha256 = (text) => createHash("sha256").update(text).digest("hex");

/** @param {string} source */
function madeRelative(source) {
  return source
    .replace(/(from|import)\s*"(@?\w[\w/@.-]*)"/g, (all, word, name) => {
      if (!(name in RELATIVE)) throw new Error(`no place is known for the import ${all}`);
      return `${word}"${RELATIVE[name]}"`;
    })
    .replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "\n");
}

/** @param {string} name of a package */
const licenceOf = (name) => `${name.replace("@", "").replace("/", "-")}.LICENSE`;

/** @returns {Map<string, string>} file name → text, all that the folder shall hold */
function wanted() {
  const files = new Map();
  /** @type {Record<string, {version: string, licence: string, integrity: string, files: Record<string, string>}>} */
  const listed = {};
  const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
  for (const module of MODULES) {
    const folder = join(FROM, module.package);
    const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const source = madeRelative(readFileSync(join(folder, module.from), "utf8"));
    const entry = (listed[module.package] ??= {
      version: about.version,
      licence: about.license,
      integrity: lock.packages[`node_modules/${module.package}`].integrity,
      files: {},
    });
    entry.files[module.to] = sha256(source);
    files.set(module.to, source);
    files.set(module.to.replace(/\.js$/, ".d.ts"), `${module.types}\n`);
    files.set(licenceOf(module.package), readFileSync(join(folder, "LICENSE"), "utf8"));
  }
  files.set("vendor.json", `${JSON.stringify(listed, null, 2)}\n`);
  return files;
}

const check = process.argv.includes("--check");
let differs = 0;
mkdirSync(TO, { recursive: true });
for (const [name, text] of wanted()) {
  const path = join(TO, name);
  let old = null;
  try {
    old = readFileSync(path, "utf8");
  } catch {
    // Not there yet: it differs.
  }
  if (old === text) continue;
  differs += 1;
  console.log(`${check ? "differs" : "wrote"}: ${name}`);
  if (check) continue;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
if (check && differs) process.exit(1);
