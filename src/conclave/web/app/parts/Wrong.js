/** What went wrong, said where it went wrong. */

import { html } from "../html.js";
import { Icon } from "./Icon.js";

/** @param {{text: string, id?: string}} given */
export function Wrong({ text, id }) {
  return html`<p class="error" id=${id} role="alert"><${Icon} name="warning" /><span dir="auto">${text}</span></p>`;
}
