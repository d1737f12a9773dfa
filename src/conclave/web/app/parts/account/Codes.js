/** One-time codes of an app: set up by a drawing or a secret, proven by a first code, removed. */

import { useState } from "../../../vendor/preact-hooks.js";
import { confirmed, saidOf } from "../../confirming.js";
import { html } from "../../html.js";
import { words } from "../../words.js";
import { useAsking } from "../asking.js";
import { Field } from "../Field.js";
import { Form } from "../Form.js";
import { Once } from "../Once.js";
import { Wrong } from "../Wrong.js";

/** @import { Page } from "../../page.js" */
/** @import { Begun } from "../../api/own.js" */

/** @param {{page: Page, on: boolean, onChanged: (codes: string[]) => void}} given */
export function Codes({ page, on, onChanged }) {
  const says = words.account;
  const { busy, error, run } = useAsking();
  const [begun, setBegun] = useState(/** @type {Begun | null} */ (null));
  const begin = () =>
    confirmed(page, async (password) => {
      const { refusal, found } = await page.own.beginTotp(password);
      if (refusal === null) setBegun(found);
      return refusal;
    });
  const act = () =>
    confirmed(page, async (password) => {
      const refusal = await page.own.removeTotp(password);
      if (refusal === null) onChanged([]);
      return refusal;
    });
  const remove = () => page.ask({ title: says.removeCodesAsk, lead: says.removeCodesLead, go: says.removeCodes, cancel: says.cancel, act });
  /** @param {string[]} codes */
  const done = (codes) => {
    setBegun(null);
    onChanged(codes);
  };
  return html`<h3>${says.codes}</h3>
    <p class="meta">${on ? says.codesOn : says.codesLead}</p>
    ${error !== "" && html`<${Wrong} text=${error} />`}
    ${begun !== null
      ? html`<${Confirm} page=${page} begun=${begun} onDone=${done} />`
      : html`<div class="part-end">
          ${on
            ? html`<button class="button" type="button" onClick=${remove}>${says.removeCodes}</button>`
            : html`<button class="button" type="button" aria-busy=${busy} onClick=${() => run(begin)}>${says.setUp}</button>`}
        </div>`}`;
}

/** @param {{page: Page, begun: Begun, onDone: (codes: string[]) => void}} given */
function Confirm({ page, begun, onDone }) {
  const says = words.account;
  /** @param {Map<string, string>} fields */
  const send = async (fields) => {
    const { refusal, found } = await page.own.confirmTotp((fields.get("totp") ?? "").trim());
    if (refusal !== null) return refusal.code === "conflict" ? says.wrongCode : saidOf(refusal);
    onDone(found);
    return "";
  };
  return html`<p>${says.scan}</p>
    <svg class="qr" viewBox=${`0 0 ${begun.size} ${begun.size}`} role="img" aria-label=${says.qr}><path d=${begun.path} /></svg>
    <${Once} label=${says.secret} text=${begun.secret} />
    <${Form} go=${says.confirmCode} send=${send}>
      <${Field} id="totp" label=${says.code} autocomplete="one-time-code" inputmode="numeric" maxlength="12" />
    <//>`;
}
