/** The dialog of public rooms. */

import { html } from "../html.js";
import { words } from "../words.js";
import { Dialog } from "./Dialog.js";
import { PublicRooms } from "./PublicRooms.js";

/** @import { Page } from "../page.js" */

/** @param {{page: Page}} given */
export function Browse({ page }) {
  return html`<${Dialog} title=${words.browse.title} close=${words.browse.close} onClose=${() => page.show(null)}>
    <${PublicRooms} page=${page} />
  <//>`;
}
