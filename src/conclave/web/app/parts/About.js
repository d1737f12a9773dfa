/** Above the field: which message one answers, or which one one changes, and a way out of it. */

import { html } from "../html.js";
import { hueOf } from "../people.js";
import { composerOf } from "../page.js";
import { words } from "../words.js";
import { Icon } from "./Icon.js";
import { beginningOf } from "./Quote.js";

/** @import { Page } from "../page.js" */
/** @import { Desk } from "../writing.js" */

/** @param {{page: Page, desk: Desk, onCancel: () => void}} given */
export function About({ page, desk, onCancel }) {
  const change = page.writing.changeOf(desk);
  const answered = page.writing.answerOf(desk);
  const id = `${composerOf(desk)}-about`;
  if (change === null && answered === null) return html`<p class="unseen" id=${id}></p>`;
  const cancel = change === null ? words.composer.noReply : words.composer.noEdit;
  return html`<p class="about meta" id=${id}>
    <${Icon} name=${change === null ? "reply" : "pen"} />
    <span class="about-text">${change === null ? answering(page, desk.room, answered ?? 0) : words.composer.editing(change.seq)}</span>
    <button class="icon-button" type="button" aria-label=${cancel} title=${cancel} onClick=${onCancel}><${Icon} name="close" /></button>
  </p>`;
}

/** @param {Page} page @param {string} room @param {number} seq */
function answering(page, room, seq) {
  const entry = page.client.quoteOf(room, seq);
  if (!entry) return words.log_.quoteAway(seq);
  return html`${words.composer.replyTo} <bdi class=${`author hue-${hueOf(entry.userId)}`}>${entry.user}</bdi> <span dir="auto">${beginningOf(entry)}</span>`;
}
