/** The address of a message, where the browser does not let the page copy it. */

import { html } from "../html.js";
import { words } from "../words.js";
import { Dialog } from "./Dialog.js";

/** @import { Page } from "../page.js" */

/** @param {{page: Page, address: string}} given */
export function LinkDialog({ page, address }) {
  const { link } = words;
  return html`<${Dialog} title=${link.title} close=${link.close} onClose=${() => page.show(null)}>
    <label for="link-address">${link.lead}</label>
    <input id="link-address" class="link-address" readonly data-focus value=${address} onFocus=${(/** @type {{currentTarget: HTMLInputElement}} */ { currentTarget }) => currentTarget.select()} />
  <//>`;
}
