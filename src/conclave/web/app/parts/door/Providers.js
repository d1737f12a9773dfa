/** Ways in by another system: a button for each, and what it said no to. */

import { html } from "../../html.js";
import { words } from "../../words.js";
import { useAsking } from "../asking.js";
import { Wrong } from "../Wrong.js";

/** @import { Page } from "../../page.js" */

/** @param {{page: Page}} given */
export function Providers({ page }) {
  const { busy, error, run } = useAsking();
  const { door } = page;
  const wrong = error || door.notByProvider;
  /** @param {string} id */
  const go = (id) =>
    run(async () => {
      const { refusal, url } = await door.ways.goTo(id);
      if (refusal !== null) return words.door.refused(refusal);
      door.ways.goOn(url);
      return "";
    });
  return html`<div class="providers">
    ${wrong !== "" && html`<${Wrong} text=${wrong} />`}
    ${page.providers.map(
      ({ id, name }) =>
        html`<button key=${id} class="button" type="button" aria-busy=${busy} onClick=${() => go(id)}>${words.door.byProvider(name)}</button>`,
    )}
  </div>`;
}
