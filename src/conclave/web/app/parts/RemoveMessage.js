/** The question before a message is deleted. */

import { remove as erase } from "../deeds.js";
import { html } from "../html.js";
import { words } from "../words.js";
import { Dialog } from "./Dialog.js";
import { beginningOf } from "./Quote.js";

/** @import { Page } from "../page.js" */
/** @import { Entry } from "../../client/wire.js" */

/** @param {{page: Page, entry: Entry}} given */
export function RemoveMessage({ page, entry }) {
  const { remove } = words;
  const close = () => page.show(null);
  return html`<${Dialog} title=${remove.title(entry.seq)} close=${remove.cancel} onClose=${close}>
    <blockquote class="asked" dir="auto">${beginningOf(entry)}</blockquote>
    <p>${remove.lead}</p>
    <div class="form-end">
      <button class="button" type="button" data-focus onClick=${close}>${remove.cancel}</button>
      <button class="button danger" type="button" onClick=${() => erase(page, entry)}>${remove.go}</button>
    </div>
  <//>`;
}
