/** All that the server keeps of one, as a file to take along: how far it is, and what went wrong. */

import { confirmed } from "../../confirming.js";
import { html } from "../../html.js";
import { FILE, Taking } from "../../taking.js";
import { words } from "../../words.js";
import { useAsking } from "../asking.js";
import { Wrong } from "../Wrong.js";

/** @import { Page } from "../../page.js" */

/** @param {{page: Page}} given */
export function YourData({ page }) {
  const says = words.account;
  const taking = (page.own.taking ??= new Taking(page));
  const { error, run } = useAsking();
  const take = () => !taking.busy && run(() => confirmed(page, (password) => taking.begin(password), says.takeLead));
  const wrong = taking.state === "cut" ? says.takenCut : error;
  return html`<p>${says.dataLead}</p>
    <p class="meta">${says.dataHint}</p>
    ${wrong !== "" && !taking.busy && html`<${Wrong} text=${wrong} />`}
    <div class="part-end">
      <button class="button strong" type="button" aria-busy=${taking.busy} onClick=${take}>${says.take}</button>
      ${taking.busy && html`<button class="button" type="button" onClick=${() => taking.stop()}>${says.stopTaking}</button>`}
    </div>
    ${taking.state === "reading" && html`<progress class="taken" aria-label=${says.data} value=${taking.size > 0 ? taking.done : undefined} max=${taking.size || undefined}></progress>`}
    <p class="meta" role="status">${stateOf(taking)}</p>`;
}

/** @param {Taking} taking */
function stateOf({ state, done, size }) {
  const says = words.account;
  if (state === "asking") return says.gathering;
  if (state === "reading") return says.received(words.office.bytes(done), size > 0 ? words.office.bytes(size) : "");
  return state === "saved" ? says.takenSaved(FILE) : "";
}
