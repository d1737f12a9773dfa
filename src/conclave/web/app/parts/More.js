/** The end of a list that goes on: a button that reads more of it. */

import { html } from "../html.js";
import { words } from "../words.js";

/** @param {{more: boolean, reading: boolean, next: () => void}} given */
export function More({ more, reading, next }) {
  if (!more) return null;
  return html`<button class="button panel-more" type="button" aria-busy=${reading} onClick=${next}>${words.office.more}</button>`;
}
