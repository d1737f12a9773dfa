/** One is in no room yet: the public ones, at once, and a way to begin one's own. */

import { html } from "../html.js";
import { words } from "../words.js";
import { PublicRooms } from "./PublicRooms.js";

/** @import { Page } from "../page.js" */

/** @param {{page: Page}} given */
export function NoRooms({ page }) {
  return html`<div class="no-rooms">
    <h2 class="serif">${words.roomsList.none}</h2>
    <p>${words.roomsList.noneHint}</p>
    <${PublicRooms} page=${page} />
    ${page.wide &&
    page.client.me?.role !== "guest" &&
    html`<button class="button" type="button" onClick=${() => page.show({ name: "newRoom" })}>${words.roomsList.create}</button>`}
  </div>`;
}
