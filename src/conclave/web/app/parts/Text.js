/** What somebody wrote, as it is, with the names of the mentioned standing out. */

import { html } from "../html.js";
import { partsOf } from "../mentions.js";

/** @import { Named } from "../mentions.js" */

/** @param {{text: string, named: Named[], me: string}} given */
export function Text({ text, named, me }) {
  const parts = named.length === 0 ? [{ text, id: null }] : partsOf(text, named);
  return html`<p class="text" dir="auto">
    ${parts.map((part) => (part.id === null ? part.text : html`<bdi class="named" data-me=${part.id === me}>${part.text}</bdi>`))}
  </p>`;
}
