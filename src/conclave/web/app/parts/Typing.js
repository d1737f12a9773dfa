/** Who is writing now, or for a moment what was done, on a line of its own whose height is kept. */

import { html } from "../html.js";
import { words } from "../words.js";

/** @import { Page } from "../page.js" */
/** @import { Room } from "../../client/room.js" */

/** @param {{page: Page, room: Room}} given */
export function Typing({ page, room }) {
  const names = room.people.typists(page.client.me?.id ?? "");
  return html`<div class="typing">
    <p role="status" id="notice">${page.voice.notice}</p>
    <p dir="auto">${page.voice.notice === "" && names.length > 0 && words.typing(names)}</p>
  </div>`;
}
