/** The house: rooms, log and people, and what is open above them. */

import { Announcer } from "../announcer.js";
import { html } from "../html.js";
import { lazy } from "../lazy.js";
import { words } from "../words.js";
import { Acts } from "./Acts.js";
import { Dialogs } from "./Dialogs.js";
import { Latch } from "./Latch.js";
import { Panel } from "./Panel.js";
import { RoomsList } from "./RoomsList.js";
import { Stage } from "./Stage.js";
import { useKeys } from "./keys.js";

/** @import { Page } from "../page.js" */

const Office = lazy(async () => (await import("./office/Office.js")).Office);
const PersonMenu = lazy(async () => (await import("./room/PersonMenu.js")).PersonMenu);

/** @param {{page: Page}} given */
export function House({ page }) {
  useKeys(page);
  page.voice.announcer ??= new Announcer();
  return html`<div class="house" data-panel=${page.panel?.name ?? "none"}>
    ${page.wide ? html`<${Beside} page=${page} />` : html`<${Screen} page=${page} />`}
    <${Announcements} text=${page.voice.said} number=${page.voice.times} />
    ${page.met !== null && html`<${PersonMenu} key=${page.met.id} page=${page} met=${page.met} />`}
    <${Dialogs} page=${page} />
  </div>`;
}

/** Rooms, log and a panel beside each other, or the panel over the log. @param {{page: Page}} given */
function Beside({ page }) {
  const { place } = page;
  return html`${page.room !== undefined && html`<${Skip} />`}
    <${RoomsList} page=${page} />
    <${Latch} page=${page} />
    ${place.office === null ? html`<${Stage} page=${page} />` : html`<${Office} page=${page} part=${place.office} />`}
    ${hasPanel(page) && html`<${Panel} page=${page} />`}`;
}

/** One at a time on a phone: whichever it is, it is the page's main part. @param {{page: Page}} given */
function Screen({ page }) {
  const { place } = page;
  const panelShown = hasPanel(page);
  if (!panelShown && place.room !== null) return html`${page.room !== undefined && html`<${Skip} />`}<${Latch} page=${page} /><${Stage} page=${page} />`;
  if (!panelShown && place.office !== null) return html`<${Latch} page=${page} /><${Office} page=${page} part=${place.office} />`;
  return html`<${Latch} page=${page} />
    <main class="whole">
      ${panelShown ? html`<${Panel} page=${page} alone /><${Acts} page=${page} />` : html`<${RoomsList} page=${page} alone />`}
    </main>`;
}

/** Whether anything stands beside the log: of a room that one is not in there is nothing to show. @param {Page} page */
function hasPanel({ panel, place, room, client }) {
  if (panel === null || panel.name === "search") return panel !== null;
  const outside = room === undefined ? client.list !== null : room.standing === "refused" && !room.log.begun;
  return place.room !== null && !outside;
}

function Skip() {
  return html`<a class="skip" href="#composer" onClick=${toComposer}>${words.skip}</a>`;
}

/** What is said aloud. Each time a node of its own, so that the same words are said twice. @param {{text: string, number: number}} given */
function Announcements({ text, number }) {
  return html`<p class="unseen" role="status" id="announcements">${number > 0 && html`<span key=${number}>${text}</span>`}</p>`;
}

/** @param {Event} event */
function toComposer(event) {
  event.preventDefault();
  document.getElementById("composer")?.focus();
}
