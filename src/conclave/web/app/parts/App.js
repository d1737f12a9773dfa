/** The whole page: the sign-in card, or the house with its rooms, log and people. */

import { useEffect } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";
import { words } from "../words.js";
import { Aside } from "./Aside.js";
import { Browse } from "./Browse.js";
import { Latch } from "./Latch.js";
import { NewRoom } from "./NewRoom.js";
import { RoomsList } from "./RoomsList.js";
import { SignIn } from "./SignIn.js";
import { Stage } from "./Stage.js";

/** @import { Page } from "../page.js" */

/** @param {{page: Page}} given */
export function App({ page }) {
  if (!page.entered) return html`<${SignIn} page=${page} />`;
  return html`<${House} page=${page} />`;
}

/** @param {{page: Page}} given */
function House({ page }) {
  useEscape(page);
  const room = page.place.room;
  const screen = room === null ? "rooms" : page.aside ? "people" : "log";
  return html`<div class="house" data-aside=${page.aside && room !== null ? "shown" : "hidden"}>
    ${page.wide ? html`<${Beside} page=${page} />` : html`<${Screen} page=${page} screen=${screen} />`}
    <${Announcements} text=${page.announced} number=${page.announcements} />
    ${page.dialog === "newRoom" && html`<${NewRoom} page=${page} />`}
    ${page.dialog === "browse" && html`<${Browse} page=${page} />`}
  </div>`;
}

/** Rooms, log and people beside each other, or people over the log. @param {{page: Page}} given */
function Beside({ page }) {
  return html`<${Skip} />
    <${RoomsList} page=${page} />
    <${Latch} page=${page} />
    <${Stage} page=${page} />
    ${page.place.room !== null && page.aside && html`<${Aside} page=${page} />`}`;
}

/** One of the three on a phone: whichever it is, it is the page's main part. @param {{page: Page, screen: string}} given */
function Screen({ page, screen }) {
  if (screen === "log") return html`<${Skip} /><${Latch} page=${page} /><${Stage} page=${page} />`;
  return html`<${Latch} page=${page} />
    <main class="whole">
      ${screen === "rooms" ? html`<${RoomsList} page=${page} alone />` : html`<${Aside} page=${page} alone />`}
    </main>`;
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

/** Esc closes the topmost thing, then goes to the newest message. @param {Page} page */
function useEscape(page) {
  useEffect(() => {
    /** @param {KeyboardEvent} event */
    const onKey = (event) => {
      if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
      // A dialog closes itself.
      if (document.querySelector("dialog[open]") !== null) return;
      const over = page.aside && !window.matchMedia("(min-width: 68.75rem)").matches;
      if (over) page.showAside(false);
      else /** @type {HTMLElement | null} */ (document.querySelector(".log .line:last-of-type"))?.focus();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [page]);
}
