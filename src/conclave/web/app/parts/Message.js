/** A message that is stored: its text as it is, and its number in the margin. */

import { html } from "../html.js";
import { hashOf } from "../route.js";
import { words } from "../words.js";
import { Avatar } from "./Avatar.js";
import { Byline } from "./Byline.js";

/** @import { MessageRow } from "../timeline.js" */

/** @param {{row: MessageRow}} given */
export function Message({ row }) {
  const { entry, first, own } = row;
  const system = entry.userId === "system";
  return html`<article
    class="line"
    id=${`line-${entry.seq}`}
    tabindex="-1"
    data-own=${own}
    data-first=${first}
    data-system=${system}
  >
    <span class="gutter">${first && !system && html`<${Avatar} id=${entry.userId} name=${entry.user} />`}</span>
    <div class="said-by">
      <${Byline} id=${entry.userId} name=${entry.user} timestamp=${entry.timestamp} shown=${first} />
      ${entry.deleted
        ? html`<p class="text deleted">${words.log_.deleted}</p>`
        : html`<p class="text" dir="auto">${entry.text}</p>`}
      ${entry.edited && html`<span class="meta">${words.log_.edited}</span>`}
    </div>
    <a class="number" href=${hashOf(entry.room, entry.seq)} tabindex="-1" aria-label=${words.log_.numberOf(entry.seq)}>${entry.seq}</a>
  </article>`;
}
