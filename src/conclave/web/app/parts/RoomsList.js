/** The rooms one is in: name, what is unread; a search, and two ways to more rooms. */

import { html } from "../html.js";
import { lazy } from "../lazy.js";
import { hashOf } from "../route.js";
import { words } from "../words.js";
import { Avatar } from "./Avatar.js";
import { Icon } from "./Icon.js";
import { Notes } from "./Notes.js";

/** @import { Page } from "../page.js" */
/** @import { RoomInfo } from "../../client/infos.js" */

const NoRooms = lazy(async () => (await import("./NoRooms.js")).NoRooms);
const ICONS = { public: "hash", private: "lock", direct: "person" };

/** @param {{page: Page, alone?: boolean}} given   alone: it is the whole screen */
export function RoomsList({ page, alone = false }) {
  const { closed } = page;
  const guest = page.client.me?.role === "guest";
  return html`<nav class="rooms" aria-label=${words.rooms}>
    <header class="bar">
      <${alone ? "h1" : "h2"} class="brand">${words.product}<//>
      <button class="icon-button" type="button" aria-label=${words.roomsList.search} title=${words.roomsList.search} aria-keyshortcuts="/" onClick=${() => page.beside.search()}>
        <${Icon} name="search" />
      </button>
      <${Own} page=${page} />
    </header>
    ${alone && html`<div class="notes"><${Notes} page=${page} /></div>`}
    <div class="rooms-scroll">
      ${page.client.list === null
        ? html`<p class="skeleton after-300" aria-hidden="true"><span></span><span></span><span></span></p>`
        : html`<ul class="rooms-list">${page.listed.map((info) => html`<${RoomLink} key=${info.room} page=${page} info=${info} />`)}</ul>`}
      ${!page.wide && page.client.list !== null && page.listed.length === 0 && html`<${NoRooms} page=${page} />`}
      <div class="rooms-more">
        ${!guest &&
        html`<button class="quiet-button" type="button" onClick=${() => page.show({ name: "newRoom" })}>
            <${Icon} name="plus" />${words.roomsList.create}
          </button>
          <button class="quiet-button" type="button" onClick=${() => page.show({ name: "direct" })}>
            <${Icon} name="person" />${words.roomsList.direct}
          </button>`}
        <button class="quiet-button" type="button" onClick=${() => page.show({ name: "browse" })}>
          <${Icon} name="compass" />${words.roomsList.browse}
        </button>
        <button class="quiet-button go-anywhere" type="button" aria-keyshortcuts="Control+K" onClick=${() => page.show({ name: "palette" })}>
          <${Icon} name="next" />${words.palette.title}<kbd aria-hidden="true">Ctrl+K</kbd>
        </button>
        <button class="quiet-button go-anywhere" type="button" aria-keyshortcuts="?" onClick=${() => page.show({ name: "shortcuts" })}>
          <${Icon} name="key" />${words.shortcuts.title}<kbd aria-hidden="true">?</kbd>
        </button>
        ${closed.length > 0 && html`<${Closed} page=${page} closed=${closed} />`}
      </div>
    </div>
  </nav>`;
}

/** One's own account, and for admins the office. @param {{page: Page}} given */
function Own({ page }) {
  const says = words.roomsList;
  const { me } = page.client;
  return html`${page.client.me?.role === "admin" &&
    html`<button class="icon-button" type="button" aria-label=${says.office} title=${says.office} onClick=${() => page.goToOffice("people")}><${Icon} name="office" /></button>`}
    <button class="icon-button own-account" type="button" aria-label=${says.account} title=${says.account} onClick=${() => page.show({ name: "account", part: "profile" })}>
      ${me === null ? html`<${Icon} name="person" />` : html`<${Avatar} id=${me.id} name=${me.name} />`}
    </button>`;
}

/** Rooms that were closed in this tab: one is a member still. @param {{page: Page, closed: RoomInfo[]}} given */
function Closed({ page, closed }) {
  return html`<details class="closed-rooms">
    <summary class="quiet-button"><${Icon} name="next" />${words.roomsList.closed(closed.length)}</summary>
    <ul>
      ${closed.map(
        ({ room, title, kind }) =>
          html`<li key=${room}><button class="quiet-button" type="button" onClick=${() => page.enter(room)}><${Icon} name=${ICONS[kind]} /><bdi class="room-name">${title}</bdi></button></li>`,
      )}
    </ul>
  </details>`;
}

/** @param {{page: Page, info: RoomInfo}} given */
function RoomLink({ page, info }) {
  const unread = page.client.unread.of(info.room);
  const mentions = page.client.unread.mentionsOf(info.room);
  const open = page.place.room === info.room;
  return html`<li>
    <a class="room-link" href=${hashOf(info.room)} aria-current=${open ? "page" : undefined} data-unread=${unread > 0} data-quiet=${info.notify === "none"}>
      <span class="room-kind" title=${words.roomsList.kinds[info.kind]}><${Icon} name=${ICONS[info.kind]} /></span>
      <bdi class="room-name">${info.title}</bdi>
      ${info.archived && html`<span class="meta">${words.roomsList.archived}</span>`}
      ${info.notify === "none" && html`<span class="quiet-room" title=${words.roomsList.quiet}><${Icon} name="bellOff" /><span class="unseen">${words.roomsList.quiet}</span></span>`}
      ${mentions > 0 && html`<span class="mention" title=${words.roomsList.mentioned(mentions)}><span aria-hidden="true">@</span><span class="unseen">${words.roomsList.mentioned(mentions)}</span></span>`}
      ${unread > 0 &&
      html`<span class="unread"><span aria-hidden="true">${words.number(unread)}</span><span class="unseen">${words.roomsList.unread(unread)}</span></span>`}
    </a>
  </li>`;
}
