/** Which language the page speaks: at the door, and in one's account. */

import { html } from "../html.js";
import { LANGUAGE_NAMES } from "../looks.js";
import { words } from "../words.js";
import { Choice } from "./Choice.js";

/** @import { Page } from "../page.js" */

/** @param {{page: Page, bare?: boolean}} given   bare: nothing is said of what it does */
export function LanguageChoice({ page, bare = false }) {
  const says = words.looks;
  /** @type {[string, string][]} */
  const options = [["", says.asBrowser], ...LANGUAGE_NAMES];
  const hint = bare ? undefined : says.languageHint;
  return html`<${Choice} id="language" label=${says.language} value=${page.looks.of("language")} options=${options} hint=${hint} onChange=${(/** @type {string} */ value) => page.looks.choose("language", value)} />`;
}
