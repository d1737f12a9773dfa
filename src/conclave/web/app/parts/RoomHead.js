/** The open room's name and topic, who is here as a number, what is pinned, and the room's menu. */

import { html } from "../html.js";
import { favour } from "../favouring.js";
import { may } from "../rights.js";
import { partsOf } from "../roomparts.js";
import { words } from "../words.js";
import { Icon } from "./Icon.js";
import { Menu } from "./Menu.js";

/** @import { Page } from "../page.js" */
/** @import { RoomInfo } from "../../client/infos.js" */
/** @import { Part } from "../roomparts.js" */

/** @param {{page: Page, name: string}} given */
export function RoomHead({ page, name }) {
  const info = page.infoOf(name);
  const { room } = page;
  const title = info?.title ?? name;
  return html`<header class="bar room-head">
    <button class="icon-button back" type="button" aria-label=${words.head.back} onClick=${() => page.goTo(null)}>
      <${Icon} name="back" />
    </button>
    <div class="room-title">
      <h1 class="serif" title=${title}><bdi>${title}</bdi></h1>
      ${info?.archived && html`<span class="tag">${words.roomsList.archived}</span>`}
      ${info !== null && info.topic !== "" && html`<p class="topic" dir="auto" title=${info.topic}>${info.topic}</p>`}
    </div>
    ${room !== undefined &&
    html`${page.wide && html`<${PanelButton} page=${page} panel="pins" icon="pin" label=${words.head.pinned} />`}
      <${PanelButton} page=${page} panel="people" icon="people" label=${words.head.people(room.people.count)} count=${room.people.count} />
      <${RoomMenu} page=${page} name=${name} />`}
  </header>`;
}

/** @param {{page: Page, panel: "people" | "pins", icon: string, label: string, count?: number}} given */
function PanelButton({ page, panel, icon, label, count }) {
  const open = page.panel?.name === panel;
  return html`<button
    class="quiet-button people-count"
    type="button"
    aria-label=${label}
    title=${label}
    aria-expanded=${open}
    onClick=${() => (open ? page.beside.close() : page.beside.open({ name: panel }))}
  >
    <${Icon} name=${icon} />${count !== undefined && html`<span>${words.number(count)}</span>`}
  </button>`;
}

/** @param {{page: Page, name: string}} given */
function RoomMenu({ page, name }) {
  const { head } = words;
  const info = page.infoOf(name);
  const direct = info?.kind === "direct";
  return html`<${Menu} label=${head.menu} icon="menu">
    ${!page.wide && html`<${Item} label=${head.pinned} act=${() => page.beside.open({ name: "pins" })} />`}
    <${Item} label=${head.goTo} act=${() => page.show({ name: "goTo", room: name })} />
    <${Item} label=${head.search} act=${() => page.beside.search(`in:${name} `)} />
    ${info !== null && info.role !== null && html`<${Item} label=${head.notify} hint=${words.notifyRoom.short[info.notify]} act=${() => page.show({ name: "notifyRoom", room: name })} />`}
    ${info !== null && info.role !== null && html`<${Item} label=${info.favourite ? head.unfavour : head.favour} act=${() => void favour(page, info)} />`}
    ${may(info, "update") && !direct && html`<${Item} label=${head.edit} act=${() => page.show({ name: "editRoom", room: name })} />`}
    ${partsOf(info).map((part) => html`<${Item} key=${part} label=${labelOf(part, info)} act=${() => page.show({ name: "roomSettings", room: name, part })} />`)}
    <${Item} label=${head.closeHere} hint=${head.closeHint} act=${() => page.going.closeRoom(name)} />
    ${!direct && may(info, "quit") && html`<${Item} label=${head.leave} hint=${head.leaveHint} act=${() => page.show({ name: "leaveRoom", room: name })} />`}
  <//>`;
}

/** @param {Part} part @param {RoomInfo | null} info */
function labelOf(part, info) {
  const { head } = words;
  return { general: head.settings, invitations: head.invite, programs: head.programs, sanctions: head.sanctions, reports: head.reports(info?.reports ?? 0) }[part];
}

/** @param {{label: string, hint?: string, act: () => void}} given */
function Item({ label, hint, act }) {
  return html`<button class="menu-item" type="button" onClick=${act}>${label}${hint !== undefined && html`<span class="meta">${hint}</span>`}</button>`;
}
