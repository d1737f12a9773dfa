/** The sheet of shortcuts. */

import { html } from "../../html.js";
import { sheet } from "../../sheet.js";
import { words } from "../../words.js";
import { Dialog } from "../Dialog.js";

/** @import { Page } from "../../page.js" */

await sheet("palette");

/** @param {{page: Page}} given */
export function Shortcuts({ page }) {
  const says = words.shortcuts;
  return html`<${Dialog} title=${says.title} close=${says.close} onClose=${() => page.show(null)} name="shortcuts">
    <p class="meta">${says.lead}</p>
    ${says.groups.map(
      ([title, keys]) =>
        html`<h3 class="shortcuts-title" key=${title}>${title}</h3>
          <dl class="shortcuts">
            ${keys.map(
              ([pressed, does]) =>
                html`<div key=${pressed}>
                  <dt>${pressed.split(" ").map((one) => html`<kbd>${one}</kbd> `)}</dt>
                  <dd>${does}</dd>
                </div>`,
            )}
          </dl>`,
    )}
  <//>`;
}
