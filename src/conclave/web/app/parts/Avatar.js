/**
 * A person's initials in a square of their hue. The style draws them: as text they would be part
 * of what is copied, and of what voice control takes for a button's name (WCAG 2.5.3).
 */

import { useMemo } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";
import { hueOf, initialsOf } from "../people.js";

/** @param {{id: string, name: string}} given */
export function Avatar({ id, name }) {
  const initials = useMemo(() => initialsOf(name), [name]);
  return html`<span class=${`avatar hue-${hueOf(id)}`} data-initials=${initials} aria-hidden="true"></span>`;
}
