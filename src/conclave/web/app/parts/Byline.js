/** Who wrote and when: seen once for a group, there for each message's reader. */

import { html } from "../html.js";
import { hueOf } from "../people.js";
import { clockTime, fullTime, isoTime } from "../times.js";
import { words } from "../words.js";

/** @param {{id: string, name: string, timestamp: number, shown: boolean, bot?: boolean}} given */
export function Byline({ id, name, timestamp, shown, bot }) {
  return html`<p class=${shown ? "byline" : "byline unseen"}>
    <bdi class=${`author hue-${hueOf(id)}`}>${name}</bdi>${" "}
    ${bot && html`<span class="tag">${words.roles.of("bot")}</span>${" "}`}
    <time class="meta" dateTime=${isoTime(timestamp)} title=${fullTime(timestamp)}>${clockTime(timestamp)}</time>
  </p>`;
}
