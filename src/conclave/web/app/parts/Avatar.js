/** A person's initials in a square of their hue. */

import { html } from "../html.js";
import { hueOf, initialsOf } from "../people.js";

/** @param {{id: string, name: string}} given */
export function Avatar({ id, name }) {
  return html`<span class=${`avatar hue-${hueOf(id)}`} aria-hidden="true">${initialsOf(name)}</span>`;
}
