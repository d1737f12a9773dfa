/** A message of somebody one ignores: folded, and opened where one wants to know. */

import { html } from "../html.js";
import { words } from "../words.js";

/** @import { Page } from "../page.js" */
/** @import { Entry } from "../../client/wire.js" */

/** @param {{page: Page, entry: Entry, inThread: boolean}} given */
export function Ignored({ page, entry, inThread }) {
  const { seq, room, user } = entry;
  return html`<article class="line ignored" id=${`${inThread ? "thread" : "line"}-${seq}`} tabindex="-1" data-root=${inThread && entry.thread === null}>
    <span class="gutter"></span>
    <p class="folded"><span dir="auto">${words.ignored.line(user)}</span> <button class="link" type="button" onClick=${() => page.ignored.open(room, seq)}>${words.ignored.show}</button></p>
  </article>`;
}
