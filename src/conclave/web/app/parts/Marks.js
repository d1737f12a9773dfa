/** What is to be known of a message besides its text: edited, pinned, part of a thread. */

import { html } from "../html.js";
import { clockTime, fullTime, isoTime } from "../times.js";
import { words } from "../words.js";
import { Icon } from "./Icon.js";

/** @import { Page } from "../page.js" */
/** @import { MessageRow } from "../dressing.js" */

/** @param {{page: Page, row: MessageRow, inThread: boolean, stop: number}} given */
export function Marks({ page, row, inThread, stop }) {
  const { entry, replies } = row;
  const { editedAt, pinned, thread, deleted, room, seq } = entry;
  const edited = editedAt !== null && !deleted;
  const root = thread ?? (replies > 0 ? seq : null);
  if (!edited && !pinned && (root === null || inThread)) return null;
  return html`<p class="marks meta">
    ${edited && html`<time dateTime=${isoTime(editedAt)} title=${fullTime(editedAt)}>${words.log_.edited}<span class="edited-at"> ${clockTime(editedAt)}</span></time>`}
    ${pinned && html`<span class="mark"><${Icon} name="pin" />${words.log_.pinned}</span>`}
    ${root !== null &&
    !inThread &&
    html`<button class="mark link" type="button" tabindex=${stop} onClick=${() => page.beside.open({ name: "thread", room, root })}>
      <${Icon} name="thread" />${thread === null ? words.log_.replies(replies) : words.log_.inThread(thread)}
    </button>`}
  </p>`;
}
