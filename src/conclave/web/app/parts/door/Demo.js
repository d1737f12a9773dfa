/** In a demo: whom to be. */

import { html } from "../../html.js";
import { words } from "../../words.js";

/** @import { Page } from "../../page.js" */

/** @param {{page: Page, or: string}} given */
export function Demo({ page, or }) {
  return html`<section class="demo">
    <p class="meta">${words.signIn.demo}</p>
    <div class="demo-people">
      ${page.demo.map(
        ({ name, token }) =>
          html`<button class="button strong" type="button" onClick=${() => page.door.signIn(token)}>
            ${words.signIn.enterAs(name)}
          </button>`,
      )}
    </div>
    <p class="or"><span>${or}</span></p>
  </section>`;
}
