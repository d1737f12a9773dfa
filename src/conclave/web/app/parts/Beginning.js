/** What stands above the first line: that the room begins, that older lines come, or that all is empty. */

import { html } from "../html.js";
import { words } from "../words.js";

/** @import { Page } from "../page.js" */
/** @import { Room } from "../../client/room.js" */

/** @param {{page: Page, room: Room, empty: boolean}} given */
export function Beginning({ page, room, empty }) {
  const { log } = room;
  if (!log.begun) return html`<p class="skeleton after-300" aria-hidden="true"><span></span><span></span><span></span><span></span></p>`;
  if (log.olderLeft) return html`<p class="beginning meta">${words.log_.older}</p>`;
  if (!empty) return html`<p class="beginning meta">${words.log_.beginning}</p>`;
  const other = otherOf(page);
  const alone = other !== undefined && room.people.count <= 1 && page.infoOf(room.name)?.kind !== "direct";
  return html`<div class="empty">
    <p class="serif">${log.upto === 0 ? words.log_.emptyFirst : words.log_.empty}</p>
    ${alone && html`<p>${words.log_.alone(other.name)}</p>`}
  </div>`;
}

/** In a demo: whom a second tab could be. @param {Page} page */
function otherOf(page) {
  return page.demo.find(({ name }) => name !== page.client.me?.name);
}
