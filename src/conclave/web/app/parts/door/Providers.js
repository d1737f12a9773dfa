/** Ways in by another system: a button for each, and what it said no to. */

import { asText } from "../../../client/wire.js";
import { html } from "../../html.js";
import { providers, providersOf } from "../../providerwords.js";
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
      const { refusal, data } = await door.ways.http.post(`oidc/${id}/begin`);
      if (refusal !== null) return words.door.refused(refusal);
      door.ways.goOn(asText(data.url));
      return "";
    });
  return html`<div class="providers">
    ${wrong !== "" && html`<${Wrong} text=${wrong} />`}
    ${providersOf(page.window.document).map(
      ({ id, name }) =>
        html`<button key=${id} class="button" type="button" aria-busy=${busy} onClick=${() => go(id)}>${providers.byProvider(name)}</button>`,
    )}
  </div>`;
}
