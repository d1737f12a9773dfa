/** What a search found: room, author, and the words around; each opens its place in the log. */

import { html } from "../html.js";
import { plainSnippet } from "../plain.js";
import { hashOf } from "../route.js";
import { clockTime, dayName, isoTime } from "../times.js";
import { words } from "../words.js";

/** @import { Page } from "../page.js" */
/** @import { Hit } from "../../client/answers.js" */

/** @param {{page: Page}} given */
export function Hits({ page }) {
  const { hits, more, reading } = page.finding;
  return html`<ol class="cards-list">
      ${hits.map((hit) => html`<${HitLine} key=${`${hit.seq} ${hit.room}`} page=${page} hit=${hit} />`)}
    </ol>
    ${more &&
    html`<button class="button panel-more" type="button" aria-busy=${reading} onClick=${() => page.finding.readMore()}>${words.search.more}</button>`}`;
}

/** @param {{page: Page, hit: Hit}} given */
function HitLine({ page, hit }) {
  const { room, seq, name, timestamp, snippet } = hit;
  const here = page.place.room === room && page.place.seq === seq;
  /** @param {Event} event */
  const go = (event) => {
    event.preventDefault();
    page.goTo(room, seq);
  };
  return html`<li class="card-line">
    <a class="card-link" href=${hashOf(room, seq)} aria-current=${here ? "true" : undefined} onClick=${go}>
      <span class="meta"><bdi class="hit-room">${page.infoOf(room)?.title ?? room}</bdi> · <bdi>${name}</bdi> · <time dateTime=${isoTime(timestamp)}>${dayName(timestamp, Date.now())} ${clockTime(timestamp)}</time></span>
      <span class="card-text" dir="auto">${plainSnippet(snippet).map(({ text, hit: found }) => (found ? html`<mark>${text}</mark>` : text))}</span>
    </a>
  </li>`;
}
