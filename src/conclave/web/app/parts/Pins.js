/** What is pinned in the room, each a way to its place in the log. */

import { useEffect } from "../../vendor/preact-hooks.js";
import { pin } from "../deeds.js";
import { html } from "../html.js";
import { hueOf } from "../people.js";
import { plainOf } from "../plain.js";
import { hashOf } from "../route.js";
import { clockTime, dayName, isoTime } from "../times.js";
import { words } from "../words.js";
import { Icon } from "./Icon.js";
import { PanelFrame } from "./Panel.js";

/** @import { Page } from "../page.js" */
/** @import { Entry } from "../../client/wire.js" */

/** @param {{page: Page, name: string, alone: boolean}} given */
export function Pins({ page, name, alone }) {
  const attached = page.room?.attached === true;
  useEffect(() => {
    if (attached) page.driver.act((client) => client.pages.readPinned(name));
    return () => page.driver.act((client) => client.pages.closePinned(name));
  }, [page, name, attached]);
  const pinned = page.room?.pinned ?? null;
  const lines = (pinned?.lines ?? []).map((line) => page.client.shown(line)).filter((line) => line.pinned);
  return html`<${PanelFrame} page=${page} title=${words.pins.title} alone=${alone} name="pins">
    <div class="panel-scroll">
      ${pinned?.refusal && html`<p class="error" role="alert">${words.pins.refused(pinned.refusal)}</p>`}
      ${pinned?.begun && lines.length === 0 && html`<div class="panel-empty"><p class="serif">${words.pins.none}</p><p class="meta">${words.pins.noneHint}</p></div>`}
      <ul class="cards-list">${lines.map((entry) => html`<${Pinned} key=${entry.seq} page=${page} entry=${entry} />`)}</ul>
    </div>
  <//>`;
}

/** @param {{page: Page, entry: Entry}} given */
function Pinned({ page, entry }) {
  const { room, seq, user, userId, timestamp, text } = entry;
  const go = (/** @type {Event} */ event) => {
    event.preventDefault();
    page.goTo(room, seq);
  };
  return html`<li class="card-line">
    <a class="card-link" href=${hashOf(room, seq)} onClick=${go}>
      <span class="meta"><bdi class=${`author hue-${hueOf(userId)}`}>${user}</bdi>${" "}<time dateTime=${isoTime(timestamp)}>${dayName(timestamp, Date.now())} ${clockTime(timestamp)}</time></span>
      <span class="card-text" dir="auto">${plainOf(text)}</span>
    </a>
    <button class="icon-button" type="button" aria-label=${words.pins.unpin(seq)} title=${words.actions.unpin} onClick=${() => pin(page, entry)}>
      <${Icon} name="close" />
    </button>
  </li>`;
}
