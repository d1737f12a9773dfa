/** Writing to somebody directly: who is found in the directory is one press away. */

import { html } from "../../html.js";
import { openDirect } from "../../persondeeds.js";
import { words } from "../../words.js";
import { Dialog } from "../Dialog.js";
import { FindPeople } from "./FindPeople.js";

/** @import { Page } from "../../page.js" */

/** @param {{page: Page}} given */
export function NewDirect({ page }) {
  const says = words.direct;
  return html`<${Dialog} title=${says.title} close=${says.close} onClose=${() => page.show(null)}>
    <p class="meta">${says.lead}</p>
    <${FindPeople} page=${page} id="direct-find" verb=${says.write} focus onChoose=${(/** @type {{id: string}} */ { id }) => void openDirect(page, [id])} />
  <//>`;
}
