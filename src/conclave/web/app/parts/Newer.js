/** The server has a newer page: a line under the header that says so, until it is taken or put off. */

import { html } from "../html.js";
import { words } from "../words.js";

/** @import { Page } from "../page.js" */

/** @param {{page: Page}} given */
export function Newer({ page }) {
  const { version } = page;
  if (version === null || !version.newer) return null;
  const { fetching } = words;
  const later = () => {
    version.dismiss();
    page.changed();
  };
  return html`<div class="page-note" role="status">
    <span>${fetching.newer}</span>
    <button class="link strong" type="button" onClick=${() => version.reload()}>${fetching.reload}</button>
    <button class="link" type="button" onClick=${later}>${fetching.later}</button>
  </div>`;
}
