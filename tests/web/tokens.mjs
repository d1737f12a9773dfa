/** Prints the first place where two scripts differ in more than comments, or nothing: FILE LEAN … */

import { readFileSync } from "node:fs";
import { tokenizer } from "acorn";

/** @param {string} path @returns {string[]} each token with its line: a browser shows those of errors */
function tokensOf(path) {
  const found = [];
  for (const token of tokenizer(readFileSync(path, "utf8"), { ecmaVersion: "latest", sourceType: "module", locations: true })) {
    found.push(`${token.loc?.start.line}: ${token.type.label} ${JSON.stringify(/** @type {any} */ (token).value ?? null, (_, value) => (value instanceof RegExp ? String(value) : value))}`);
  }
  return found;
}

const paths = process.argv.slice(2);
for (let at = 0; at < paths.length; at += 2) {
  const [whole = "", lean = ""] = paths.slice(at, at + 2);
  const [theirs, ours] = [tokensOf(whole), tokensOf(lean)];
  const differs = theirs.findIndex((token, n) => token !== ours[n]);
  if (differs !== -1 || theirs.length !== ours.length) console.log(`${whole} ${theirs[differs]} is ${ours[differs]}`);
}
