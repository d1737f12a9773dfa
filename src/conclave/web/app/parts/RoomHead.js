/** The open room's name and topic, who is here as a number, and the room's menu. */

import { html } from "../html.js";
import { words } from "../words.js";
import { Icon } from "./Icon.js";
import { Menu } from "./Menu.js";

/** @import { Page } from "../page.js" */

/** @param {{page: Page, name: string}} given */
export function RoomHead({ page, name }) {
  const info = page.infoOf(name);
  const { room } = page;
  return html`<header class="bar room-head">
    <button class="icon-button back" type="button" aria-label=${words.head.back} onClick=${() => page.goTo(null)}>
      <${Icon} name="back" />
    </button>
    <div class="room-title">
      <h1 class="serif"><bdi>${info?.title ?? name}</bdi></h1>
      ${info !== null && info.topic !== "" && html`<p class="topic" dir="auto" title=${info.topic}>${info.topic}</p>`}
    </div>
    ${room !== undefined && html`<${PeopleButton} page=${page} count=${room.people.count} />`}
    ${room !== undefined &&
    html`<${Menu} label=${words.head.menu} icon="menu">
      <button class="menu-item" type="button" onClick=${() => page.leave(name)}>${words.head.leave}</button>
    <//>`}
  </header>`;
}

/** @param {{page: Page, count: number}} given */
function PeopleButton({ page, count }) {
  const label = words.head.people(count);
  return html`<button
    class="quiet-button people-count"
    type="button"
    aria-label=${label}
    title=${label}
    aria-expanded=${page.aside}
    onClick=${() => page.showAside(!page.aside)}
  >
    <${Icon} name="people" /><span>${words.number(count)}</span>
  </button>`;
}
