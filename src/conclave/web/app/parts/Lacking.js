/** A part of the page that did not come: what one can do about it, under the header. */

import { html } from "../html.js";
import { words } from "../words.js";
import { Icon } from "./Icon.js";

/** @param {{onAgain: () => void, onLater: () => void}} given */
export function Lacking({ onAgain, onLater }) {
  const { fetching } = words;
  return html`<div class="page-note" role="alert">
    <${Icon} name="warning" /><span>${fetching.failed}</span>
    <button class="link strong" type="button" onClick=${onAgain}>${fetching.again}</button>
    <button class="link" type="button" onClick=${() => location.reload()}>${fetching.reload}</button>
    <button class="link" type="button" onClick=${onLater}>${fetching.later}</button>
  </div>`;
}
