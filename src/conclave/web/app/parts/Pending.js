/** A message on its way, shown at once: under way, stored, or not sent and why. */

import { html } from "../html.js";
import { words } from "../words.js";
import { Avatar } from "./Avatar.js";
import { Byline } from "./Byline.js";
import { Icon } from "./Icon.js";

/** @import { Page } from "../page.js" */
/** @import { PendingRow } from "../timeline.js" */

/** @param {{page: Page, row: PendingRow}} given */
export function Pending({ page, row }) {
  const { item, first } = row;
  const me = page.client.me ?? { id: "", name: "" };
  return html`<article class="line" tabindex="-1" data-own="true" data-first=${first} data-state=${item.state}>
    <span class="gutter">${first && html`<${Avatar} id=${me.id} name=${me.name} />`}</span>
    <div class="said-by">
      <${Byline} id=${me.id} name=${me.name} timestamp=${item.at} shown=${first} />
      <p class="text" dir="auto">${item.text}</p>
      ${item.state === "failed" && html`<${Failed} page=${page} row=${row} />`}
    </div>
    ${(item.state === "waiting" || item.state === "sent") &&
    html`<span class="sending after-400" title=${words.message.sending}>
      <${Icon} name="clock" /><span class="unseen">${words.message.sending}</span>
    </span>`}
  </article>`;
}

/** @param {{page: Page, row: PendingRow}} given */
function Failed({ page, row }) {
  const { item } = row;
  const act = page.driver;
  return html`<p class="failed">
    <${Icon} name="warning" /><span>${words.message.notSent(item.code)}</span>
    <button class="link strong" type="button" onClick=${() => act.act((client, now) => client.sayAgain(item.id, now))}>
      ${words.message.again}
    </button>
    <button class="link" type="button" onClick=${() => act.act((client) => client.outbox.drop(item.id))}>
      ${words.message.delete}
    </button>
  </p>`;
}
