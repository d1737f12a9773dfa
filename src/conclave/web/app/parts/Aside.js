/** The people who are in the room now. */

import { html } from "../html.js";
import { words } from "../words.js";
import { Avatar } from "./Avatar.js";
import { Icon } from "./Icon.js";

/** @import { Page } from "../page.js" */
/** @import { Person } from "../../client/wire.js" */

/** @param {{page: Page, alone?: boolean}} given   alone: it is the whole screen */
export function Aside({ page, alone = false }) {
  const people = page.room?.people;
  const list = people?.list ?? [];
  const hidden = Math.max(0, (people?.count ?? 0) - list.length);
  return html`<${alone ? "section" : "aside"} class="aside" aria-label=${words.people}>
    <header class="bar">
      <button class="icon-button back" type="button" aria-label=${words.head.backToLog} onClick=${() => page.showAside(false)}>
        <${Icon} name="back" />
      </button>
      <${alone ? "h1" : "h2"} class="aside-title">${words.people}<//>
      <p class="meta">${words.aside.count(people?.count ?? 0)}</p>
      <button class="icon-button aside-close" type="button" aria-label=${words.aside.close} onClick=${() => page.showAside(false)}>
        <${Icon} name="close" />
      </button>
    </header>
    <ul class="people-list">
      ${list.map((person) => html`<${PersonLine} key=${person.id} page=${page} person=${person} />`)}
    </ul>
    ${hidden > 0 && html`<p class="meta people-more">${words.aside.more(hidden)}</p>`}
  <//>`;
}

/** @param {{page: Page, person: Person}} given */
function PersonLine({ page, person }) {
  const me = page.client.me?.id === person.id;
  return html`<li class="person">
    <${Avatar} id=${person.id} name=${person.name} />
    <bdi class="person-name">${person.name}</bdi>
    ${person.role === "admin" && html`<span class="tag">${words.aside.admin}</span>`}
    ${me && html`<span class="tag">${words.aside.you}</span>`}
  </li>`;
}
