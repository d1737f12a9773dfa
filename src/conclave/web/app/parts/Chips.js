/** The reactions to a message: an emoji and how many, one's own marked; pressed again, one's own goes. */

import { react } from "../deeds.js";
import { html } from "../html.js";
import { may } from "../rights.js";
import { words } from "../words.js";
import { Icon } from "./Icon.js";

/** @import { Page } from "../page.js" */
/** @import { Entry, Reaction } from "../../client/wire.js" */

/** @param {{page: Page, entry: Entry, inThread: boolean, stop: number}} given */
export function Chips({ page, entry, inThread, stop }) {
  /** @param {{currentTarget: Element}} event */
  const more = ({ currentTarget }) => page.act({ entry, what: "emoji", beside: currentTarget, inThread });
  return html`<p class="chips">
    ${entry.reactions.map((reaction) => html`<${Chip} key=${reaction.emoji} page=${page} entry=${entry} reaction=${reaction} stop=${stop} />`)}
    ${may(page.infoOf(entry.room), "react") && html`<button class="chip chip-more" type="button" tabindex=${stop} aria-label=${words.actions.react} title=${words.actions.react} onClick=${more}>
      <${Icon} name="smile" />
    </button>`}
  </p>`;
}

/** @param {{page: Page, entry: Entry, reaction: Reaction, stop: number}} given */
function Chip({ page, entry, reaction, stop }) {
  const { emoji, count, me } = reaction;
  const label = words.reactions.chip(emoji, count, whoOf(page, entry.room, reaction));
  return html`<button
    class="chip"
    type="button"
    tabindex=${stop}
    aria-pressed=${me}
    aria-label=${label}
    title=${label}
    onClick=${() => react(page, entry, emoji)}
  >
    <span class="chip-emoji" dir="auto">${emoji}</span><span>${words.number(count)}</span>
  </button>`;
}

/** The names that are known, one's own as «you», the others as a number. @param {Page} page @param {string} room @param {Reaction} reaction */
function whoOf(page, room, { users, count }) {
  const mine = page.client.me?.id;
  const known = users.map((id) => (id === mine ? words.reactions.you : page.members.nameOf(room, id))).filter((name) => name !== "");
  return known.length < count && known.length > 0 ? [...known, words.reactions.others(count - known.length)] : known;
}
