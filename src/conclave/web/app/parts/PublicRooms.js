/** All public rooms, each with a button to join or open it. Read anew each time it is shown. */

import { useEffect, useState } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";
import { words } from "../words.js";

/** @import { Page } from "../page.js" */
/** @import { RoomInfo } from "../../client/infos.js" */

/** A short list needs no search field. */
const SEARCH_FROM = 8;

/** @param {{page: Page}} given */
export function PublicRooms({ page }) {
  const [rooms, setRooms] = useState(/** @type {RoomInfo[] | null} */ (null));
  const [refused, setRefused] = useState("");
  const [wanted, setWanted] = useState("");
  const ready = page.client.connection.ready;
  useEffect(() => {
    if (!ready) return;
    page.driver.act((client) =>
      client.questions.browse((refusal, found) => {
        setRefused(refusal?.code ?? "");
        if (refusal === null) setRooms(found.sort((a, b) => a.title.localeCompare(b.title)));
      }),
    );
  }, [page, ready]);
  if (refused !== "") return html`<p class="error" role="alert">${words.browse.refused(refused)}</p>`;
  if (rooms === null) return html`<p class="meta after-300">${words.browse.loading}</p>`;
  if (rooms.length === 0) return html`<p class="meta">${words.browse.none}</p>`;
  const text = wanted.trim().toLocaleLowerCase();
  const found = rooms.filter((info) => `${info.title}\n${info.topic}`.toLocaleLowerCase().includes(text));
  /** @param {{currentTarget: HTMLInputElement}} event */
  const typed = ({ currentTarget }) => setWanted(currentTarget.value);
  return html`<div class="public-rooms">
    ${rooms.length >= SEARCH_FROM &&
    html`<input class="search" type="search" aria-label=${words.browse.find} placeholder=${words.browse.find} value=${wanted} onInput=${typed} />`}
    ${found.length === 0 && html`<p class="meta" dir="auto">${words.browse.noMatch(wanted)}</p>`}
    <ul>${found.map((info) => html`<${PublicRoom} key=${info.room} page=${page} info=${info} />`)}</ul>
  </div>`;
}

/** @param {{page: Page, info: RoomInfo}} given */
function PublicRoom({ page, info }) {
  const inside = page.client.rooms.has(info.room) || page.listed.some(({ room }) => room === info.room);
  const verb = inside ? words.browse.open : words.browse.join;
  return html`<li class="public-room">
    <div>
      <bdi class="public-name">${info.title}</bdi>
      <p class="meta"><span>${words.browse.members(info.members)}</span>${info.topic !== "" && html`<span dir="auto"> · ${info.topic}</span>`}</p>
    </div>
    <button class=${inside ? "button" : "button strong"} type="button" aria-label=${`${verb} ${info.title}`} onClick=${() => page.enter(info.room)}>
      ${verb}
    </button>
  </li>`;
}
