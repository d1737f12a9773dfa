/** What a message answers, in one line that leads there. */

import { html } from "../html.js";
import { hueOf } from "../people.js";
import { plainOf } from "../plain.js";
import { hashOf } from "../route.js";
import { words } from "../words.js";
import { Icon } from "./Icon.js";

/** @import { Page } from "../page.js" */
/** @import { Entry } from "../../client/wire.js" */

/** More of a text is never seen in one line. */
const MOST_CHARS = 200;

/** The beginning of a text in plain words, or that it is gone. @param {Entry} entry */
export const beginningOf = ({ deleted, text }) =>
  deleted ? words.log_.deleted : [...plainOf(text).slice(0, 2 * MOST_CHARS)].slice(0, MOST_CHARS).join("");

/** @param {{page: Page, room: string, seq: number, quoted: Entry | null | undefined, stop: number}} given */
export function Quote({ page, room, seq, quoted, stop }) {
  /** @param {Event} event */
  const go = (event) => {
    event.preventDefault();
    page.goTo(room, seq);
  };
  return html`<a class="quote meta" href=${hashOf(room, seq)} tabindex=${stop} title=${words.log_.quoteAway(seq)} onClick=${go}>
    <${Icon} name="reply" />
    ${quoted && html`<span class="unseen">${words.composer.replyTo}</span>`}
    ${quoted
      ? html`<bdi class=${`author hue-${hueOf(quoted.userId)}`}>${quoted.user}</bdi><span class="quote-text" dir="auto">${beginningOf(quoted)}</span>`
      : html`<span class="quote-text">${quoted === null ? words.log_.notThere(seq) : words.log_.quoteAway(seq)}</span>`}
  </a>`;
}
