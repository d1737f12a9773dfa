/** Something of one's own that was not stored: why, and what to do about it. */

import { html } from "../html.js";
import { words } from "../words.js";
import { Icon } from "./Icon.js";

/** @import { Page } from "../page.js" */
/** @import { Item } from "../../client/items.js" */

/** @param {{page: Page, item: Item, said: string, drop?: string}} given   drop: what to call it when it goes */
export function Failed({ page, item, said, drop = words.message.discard }) {
  const { driver } = page;
  return html`<p class="failed">
    <${Icon} name="warning" /><span>${said}</span>
    <button class="link strong" type="button" onClick=${() => driver.act((client, now) => client.sayAgain(item.id, now))}>
      ${words.message.again}
    </button>
    <button class="link" type="button" onClick=${() => driver.act((client) => client.outbox.drop(item.id))}>
      ${drop}
    </button>
  </p>`;
}
