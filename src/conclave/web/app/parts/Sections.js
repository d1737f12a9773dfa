/** Parts of a dialog or a screen, of which one is shown: their names beside or above it. */

import { html } from "../html.js";

/** @import { ComponentChildren } from "../../vendor/preact.js" */
/** @typedef {{name: string, title: string, note?: string}} Section */

/** @param {{label: string, sections: Section[], shown: string, onShow: (name: string) => void, children?: ComponentChildren}} given */
export function Sections({ label, sections, shown, onShow, children }) {
  return html`<div class="sections">
    <nav class="sections-nav" aria-label=${label}>
      ${sections.map(
        ({ name, title, note }) =>
          html`<button key=${name} class="quiet-button" type="button" aria-current=${name === shown ? "page" : undefined} onClick=${() => onShow(name)}>
            ${title}${note !== undefined && html`<span class="unread">${note}</span>`}
          </button>`,
      )}
    </nav>
    <section class="section" aria-label=${sections.find(({ name }) => name === shown)?.title}>${children}</section>
  </div>`;
}
