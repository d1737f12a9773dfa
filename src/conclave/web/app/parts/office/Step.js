/** One thing to do, with what it means. */

import { html } from "../../html.js";
import { sheet } from "../../sheet.js";

await sheet("office");

/** @param {{lead: string, go: string, act: () => void, danger?: boolean}} given */
export function Step({ lead, go, act, danger = false }) {
  return html`<div class="step">
    <p class="meta">${lead}</p>
    <button class=${danger ? "button danger" : "button"} type="button" onClick=${act}>${go}</button>
  </div>`;
}
