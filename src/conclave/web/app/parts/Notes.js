/** What is to be known now and belongs to no place of its own: each goes when it is dismissed. */

import { html } from "../html.js";
import { shortTime } from "../times.js";
import { words } from "../words.js";
import { Icon } from "./Icon.js";

/** @import { Page } from "../page.js" */

/** @param {{page: Page}} given */
export function Notes({ page }) {
  return html`<${Gone} page=${page} /><${Said} page=${page} /><${Told} page=${page} /><${Unkept} page=${page} />`;
}

/** Something the server said that belongs to nothing on the page. @param {{page: Page}} given */
function Said({ page }) {
  const { said } = page.client;
  if (said === null) return null;
  const dismiss = () => page.driver.act((client) => void (client.said = null));
  return html`<${Alert} text=${words.said(said.code, said.message)} onDismiss=${dismiss} />`;
}

/** Somebody took one out of a room. @param {{page: Page}} given */
function Gone({ page }) {
  const { gone } = page.client;
  if (gone === null) return null;
  const dismiss = () => page.driver.act((client) => void (client.gone = null));
  const until = gone.until === null ? null : shortTime(gone.until, page.serverNow);
  return html`<${Alert} text=${words.gone(gone.title, gone.reason, gone.text, until)} onDismiss=${dismiss} />`;
}

/** What came of something one did. @param {{page: Page}} given */
function Told({ page }) {
  const { told, toldWell } = page;
  return told !== "" && html`<${Alert} text=${told} well=${toldWell} onDismiss=${() => page.say("")} />`;
}

/** @param {{text: string, onDismiss: () => void, well?: boolean}} given   well: it went as one wanted */
function Alert({ text, onDismiss, well = false }) {
  return html`<p class=${well ? "said well" : "said"} role=${well ? "status" : "alert"}>
    <${Icon} name=${well ? "check" : "warning"} /><span dir="auto">${text}</span>
    <button class="link" type="button" onClick=${onDismiss}>${words.dismiss}</button>
  </p>`;
}

/** What waits would be lost with the tab: said only while something waits. @param {{page: Page}} given */
function Unkept({ page }) {
  const { kept, outbox, connection } = page.client;
  if (kept.where !== "memory" || outbox.waiting === 0 || connection.ready) return null;
  return html`<p class="said unkept" role="status"><${Icon} name="warning" /><span>${words.latch.blocked}</span></p>`;
}
