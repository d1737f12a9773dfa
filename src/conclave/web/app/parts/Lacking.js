/** A part of the page that did not come: what one can do about it, at the foot of the screen. */

import { html } from "../html.js";
import { words } from "../words.js";
import { Icon } from "./Icon.js";

/** @param {{onAgain: () => void}} given */
export function Lacking({ onAgain }) {
  const { fetching } = words;
  return html`<div class="bar-below" role="alert">
    <${Icon} name="warning" /><span>${fetching.failed}</span>
    <button class="link strong" type="button" onClick=${onAgain}>${fetching.again}</button>
    <button class="link" type="button" onClick=${() => location.reload()}>${fetching.reload}</button>
  </div>`;
}
