/** Code between fences, letter by letter as it was written. */

import { html } from "../html.js";
import { words } from "../words.js";
import { Aside } from "./Aside.js";

/** @import { Fence as Given } from "../markdown.js" */

/** @param {{fence: Given}} given */
export function Fence({ fence }) {
  const { code, info } = fence;
  return html`<div class="fence">
    ${info !== "" && html`<p class="fence-info meta" dir="auto">${info}</p>`}
    <${Aside} label=${words.text.code} class="fence-code"><pre dir="ltr"><code>${code}</code></pre><//>
  </div>`;
}
