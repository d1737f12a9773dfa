/** Codes for who has lost the second factor: how many are left, and new ones, shown once. */

import { useState } from "../../../vendor/preact-hooks.js";
import { confirmed } from "../../confirming.js";
import { html } from "../../html.js";
import { words } from "../../words.js";
import { Once } from "../Once.js";

/** @import { Page } from "../../page.js" */

/** @param {{page: Page, left: number, fresh: string[], onMade: (codes: string[]) => void}} given */
export function Recovery({ page, left, fresh, onMade }) {
  const says = words.account;
  const [wrong, setWrong] = useState("");
  const renew = async () => {
    const act = () =>
      confirmed(page, async (password) => {
        const { refusal, found } = await page.own.renewRecovery(password);
        if (refusal === null) onMade(found);
        return refusal;
      });
    page.ask({ title: says.renewAsk, lead: says.renewLead, go: says.renew, cancel: says.cancel, act: async () => (setWrong(""), act()) });
  };
  return html`<h3>${says.recovery}</h3>
    ${fresh.length > 0
      ? html`<div class="printing"><${Once} label=${says.recovery} text=${fresh.join("\n")} hint=${says.recoveryHint} /></div>
          <div class="part-end"><button class="button" type="button" onClick=${() => window.print()}>${says.print}</button></div>`
      : html`<p class="meta">${says.recoveryLeft(left)}</p>`}
    ${wrong !== "" && html`<p class="error">${wrong}</p>`}
    <div class="part-end"><button class="button" type="button" onClick=${renew}>${says.renew}</button></div>`;
}
