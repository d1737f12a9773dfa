/** Language, theme, contrast, size of text and motion, in this browser. */

import { html } from "../../html.js";
import { words } from "../../words.js";
import { Choice } from "../Choice.js";
import { LanguageChoice } from "../LanguageChoice.js";

/** @import { Look } from "../../looks.js" */
/** @import { Page } from "../../page.js" */

/** @param {{page: Page}} given */
export function Appearance({ page }) {
  const says = words.looks;
  /** @type {[Look, string, [string, string][]][]} */
  const looks = [
    ["theme", says.theme, says.themes],
    ["contrast", says.contrast, says.contrasts],
    ["size", says.size, says.sizes],
    ["motion", says.motion, says.motions],
  ];
  return html`<p class="meta">${says.lead}</p>
    <div class="part"><${LanguageChoice} page=${page} /></div>
    ${looks.map(
      ([look, label, options]) =>
        html`<div class="part" key=${look}>
          <${Choice} id=${look} label=${label} value=${page.looks.of(look)} options=${options} onChange=${(/** @type {string} */ value) => page.looks.choose(look, value)} />
        </div>`,
    )}`;
}
