/** A person's initials in a square of their hue. */

import { useMemo } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";
import { hueOf, initialsOf } from "../people.js";

/** @param {{id: string, name: string}} given */
export function Avatar({ id, name }) {
  const initials = useMemo(() => initialsOf(name), [name]);
  return html`<span class=${`avatar hue-${hueOf(id)}`} aria-hidden="true">${initials}</span>`;
}
