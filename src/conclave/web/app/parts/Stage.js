/** The middle of the page: the open room, or what to do when none is open. */

import { html } from "../html.js";
import { lazy } from "../lazy.js";
import { words } from "../words.js";
import { Acts } from "./Acts.js";
import { Composer } from "./Composer.js";
import { Icon } from "./Icon.js";
import { Log } from "./Log.js";
import { Notes } from "./Notes.js";
import { RoomHead } from "./RoomHead.js";
import { Typing } from "./Typing.js";

/** @import { Page } from "../page.js" */
/** @import { Room } from "../../client/room.js" */

const NoRooms = lazy(async () => (await import("./NoRooms.js")).NoRooms);
const Kept = lazy(async () => (await import("./Kept.js")).Kept);

/** @param {{page: Page}} given */
export function Stage({ page }) {
  const name = page.place.room;
  if (name === null) return html`<${NoRoom} page=${page} />`;
  const room = page.room;
  return html`<main class="stage">
    <${RoomHead} page=${page} name=${name} />
    ${room === undefined || (room.standing === "refused" && !room.log.begun)
      ? html`<${Outside} page=${page} name=${name} />`
      : html`<${Log} key=${name} page=${page} room=${room} place=${page.place} turn=${{}} />`}
    <div class="notes">
      ${room?.standing === "refused" && room.log.begun && html`<${Refused} page=${page} room=${room} />`}
      <${Notes} page=${page} />
    </div>
    ${room !== undefined && html`<${Typing} page=${page} room=${room} />`}
    ${room !== undefined && html`<${Composer} key=${name} page=${page} desk=${{ room: name, thread: null }} />`}
    <${Acts} page=${page} />
  </main>`;
}

/** What is known of the room stays shown, but nothing new comes until one is let in. @param {{page: Page, room: Room}} given */
function Refused({ page, room }) {
  return html`<p class="said" role="alert">
    <${Icon} name="warning" /><span>${words.log_.refused(room.refusal)}</span>
    <button class="link" type="button" onClick=${() => page.enter(room.name)}>${words.log_.again}</button>
  </p>`;
}

/** @param {{page: Page}} given */
function NoRoom({ page }) {
  const { list } = page.client;
  if (list === null) return html`<main class="stage"><div class="notes"><${Notes} page=${page} /></div></main>`;
  const none = page.listed.length === 0;
  return html`<main class="stage">
    <h1 class="unseen">${words.product}</h1>
    <div class="notes"><${Notes} page=${page} /></div>
    <div class="empty">
      ${none ? page.wide && html`<${NoRooms} page=${page} />` : html`<p class="serif">${words.log_.choose}</p>`}
    </div>
  </main>`;
}

/** A room that is addressed and one is not in. @param {{page: Page, name: string}} given */
function Outside({ page, name }) {
  const { room } = page;
  if (room === undefined && page.client.list === null) return html`<div class="empty"></div>`;
  const said = room === undefined ? words.log_.outside : words.log_.refused(room.refusal);
  return html`<div class="empty">
    <p class="serif">${said}</p>
    <div class="empty-actions">
      <button class="button" type="button" onClick=${() => page.enter(name)}>${room === undefined ? words.browse.join : words.log_.again}</button>
      ${room === undefined && html`<button class="link" type="button" onClick=${() => page.show({ name: "browse" })}>${words.roomsList.browse}</button>`}
    </div>
    <${Kept} page=${page} room=${name} />
  </div>`;
}
