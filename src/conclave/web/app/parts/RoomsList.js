/**
 * The rooms one is in: name, what is unread, what is being written; a filter, a search, and ways
 * to more rooms. The list is one tab stop: arrows, Home and End go from room to room.
 */

import { useEffect, useState } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";
import { lazy } from "../lazy.js";
import { scoreOf, wordsIn } from "../palette.js";
import { hashOf } from "../route.js";
import { words } from "../words.js";
import { Avatar } from "./Avatar.js";
import { Icon } from "./Icon.js";
import { Notes } from "./Notes.js";

/** @import { Page } from "../page.js" */
/** @import { RoomInfo } from "../../client/infos.js" */

const NoRooms = lazy(async () => (await import("./NoRooms.js")).NoRooms);
/** A short list needs no filter. */
const FILTER_FROM = 6;
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
        : html`<${Rooms} page=${page} />`}
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

/** The list itself; it holds still while one is in it. @param {{page: Page}} given */
function Rooms({ page }) {
  const [text, setText] = useState("");
  const { listed, order } = page;
  const wanted = wordsIn(text);
  const shown = listed.filter((info) => scoreOf(wanted, { name: info.title, also: info.room }) > 0);
  const stop = shown.find(({ room }) => room === page.place.room)?.room ?? shown[0]?.room;
  useEffect(() => () => void (order.held = false), [order]);
  /** @param {boolean} held */
  const hold = (held) => {
    if (order.held === held) return;
    order.held = held;
    if (!held) page.changed();
  };
  /** @param {FocusEvent} event */
  const left = ({ currentTarget, relatedTarget }) => {
    const list = /** @type {Element} */ (currentTarget);
    if (!list.contains(/** @type {Node | null} */ (relatedTarget)) && !list.matches(":hover")) hold(false);
  };
  return html`${listed.length >= FILTER_FROM && html`<${Filter} page=${page} text=${text} first=${shown[0]?.room} onText=${setText} />`}
    <ul
      class="rooms-list"
      onKeyDown=${rove}
      onFocusIn=${() => hold(true)}
      onFocusOut=${left}
      onPointerEnter=${() => hold(true)}
      onPointerLeave=${(/** @type {{currentTarget: Element}} */ { currentTarget }) => hold(currentTarget.matches(":focus-within"))}
    >
      ${shown.map((info) => html`<${RoomLink} key=${info.room} page=${page} info=${info} stop=${info.room === stop} />`)}
    </ul>
    <p class=${listed.length > 0 && shown.length === 0 ? "meta rooms-none" : "unseen"} role="status" dir="auto">${listed.length > 0 && shown.length === 0 ? words.roomsList.noMatch(text) : ""}</p>`;
}

/** @param {{page: Page, text: string, first: string | undefined, onText: (text: string) => void}} given */
function Filter({ page, text, first, onText }) {
  /** @param {KeyboardEvent} event */
  const onKey = (event) => {
    const list = /** @type {Element} */ (event.currentTarget).nextElementSibling;
    if (event.key === "Escape" && text !== "") onText("");
    else if (event.key === "Enter" && first !== undefined) onText(""), page.goTo(first);
    else if (event.key === "ArrowDown") /** @type {HTMLElement | null | undefined} */ (list?.querySelector(".room-link"))?.focus();
    else return;
    event.preventDefault();
  };
  return html`<input
    class="rooms-filter" type="search" dir="auto" autocomplete="off" spellcheck="false" maxlength="64"
    aria-label=${words.roomsList.filter} placeholder=${words.roomsList.filter} value=${text}
    onInput=${(/** @type {{currentTarget: HTMLInputElement}} */ { currentTarget }) => onText(currentTarget.value)} onKeyDown=${onKey}
  />`;
}

/** Arrows, Home and End go from room to room. @param {KeyboardEvent} event */
function rove(event) {
  const links = /** @type {HTMLElement[]} */ ([.../** @type {Element} */ (event.currentTarget).querySelectorAll(".room-link")]);
  const at = links.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const next = { ArrowDown: Math.min(at + 1, links.length - 1), ArrowUp: Math.max(at - 1, 0), Home: 0, End: links.length - 1 }[event.key];
  if (next === undefined || event.altKey) return;
  event.preventDefault();
  links[next]?.focus();
}

/** @param {{page: Page, info: RoomInfo, stop: boolean}} given   stop: the list is entered here */
function RoomLink({ page, info, stop }) {
  const unread = page.client.unread.of(info.room);
  const mentions = page.client.unread.mentionsOf(info.room);
  const open = page.place.room === info.room;
  const draft = !open && page.writing.textOf({ room: info.room, thread: null }).trim() !== "";
  return html`<li>
    <a class="room-link" tabindex=${stop ? 0 : -1} href=${hashOf(info.room)} aria-current=${open ? "page" : undefined} data-unread=${unread > 0} data-quiet=${info.notify === "none"}>
      <span class="room-kind" title=${words.roomsList.kinds[info.kind]}><${Icon} name=${ICONS[info.kind]} /></span>
      <bdi class="room-name">${info.title}</bdi>
      ${draft && html`<span class="draft"><${Icon} name="pen" />${words.roomsList.draft}</span>`}
      ${info.favourite && html`<span class="favourite" title=${words.roomsList.favourite}><${Icon} name="star" /><span class="unseen">${words.roomsList.favourite}</span></span>`}
      ${info.archived && html`<span class="meta">${words.roomsList.archived}</span>`}
      ${info.notify === "none" && html`<span class="quiet-room" title=${words.roomsList.quiet}><${Icon} name="bellOff" /><span class="unseen">${words.roomsList.quiet}</span></span>`}
      ${mentions > 0 && html`<span class="mention" title=${words.roomsList.mentioned(mentions)}><span aria-hidden="true">@</span><span class="unseen">${words.roomsList.mentioned(mentions)}</span></span>`}
      ${unread > 0 &&
      html`<span class="unread"><span aria-hidden="true">${words.number(unread)}</span><span class="unseen">${words.roomsList.unread(unread)}</span></span>`}
    </a>
  </li>`;
}
