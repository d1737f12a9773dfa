/** Whose password a form asks for: not seen, and for what keeps passwords, which else guesses. */

import { html } from "../html.js";

/** @import { Page } from "../page.js" */

/** @param {{page: Page}} given */
export function Whose({ page }) {
  return html`<input class="unseen" type="text" name="username" value=${page.client.me?.id ?? ""} autocomplete="username" readonly tabindex="-1" aria-hidden="true" />`;
}
