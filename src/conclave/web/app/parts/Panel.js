/** What stands beside the log: people, a thread, what is pinned, a search. */

import { html } from "../html.js";
import { lazy } from "../lazy.js";
import { words } from "../words.js";
import { Icon } from "./Icon.js";
import { Search } from "./Search.js";
import { People } from "./People.js";
import { Thread } from "./Thread.js";

/** @import { ComponentChildren } from "../../vendor/preact.js" */
/** @import { Page } from "../page.js" */

const Pins = lazy(async () => (await import("./Pins.js")).Pins);

/** @param {{page: Page, alone?: boolean}} given   alone: it is the whole screen */
export function Panel({ page, alone = false }) {
  const { panel, place } = page;
  if (panel === null) return null;
  if (panel.name === "search") return html`<${Search} page=${page} alone=${alone} />`;
  const room = place.room ?? "";
  if (panel.name === "thread") return html`<${Thread} key=${panel.root} page=${page} name=${room} root=${panel.root} alone=${alone} />`;
  if (panel.name === "pins") return html`<${Pins} key=${room} page=${page} name=${room} alone=${alone} />`;
  return html`<${People} key=${room} page=${page} name=${room} alone=${alone} />`;
}

/** Head and body of each. @param {{page: Page, title: string, note?: ComponentChildren, alone: boolean, name: string, children?: ComponentChildren}} given */
export function PanelFrame({ page, title, note, alone, name, children }) {
  const back = page.place.room === null ? words.head.back : words.head.backToLog;
  return html`<${alone ? "section" : "aside"} class=${`panel panel-${name}`} aria-label=${title}>
    <header class="bar">
      <button class="icon-button back" type="button" aria-label=${back} onClick=${() => page.beside.close()}>
        <${Icon} name="back" />
      </button>
      <${alone ? "h1" : "h2"} class="panel-title">${title}<//>
      <p class="meta">${note}</p>
      <button class="icon-button panel-close" type="button" aria-label=${words.panel.close(title)} title=${words.panel.close(title)} onClick=${() => page.beside.close()}>
        <${Icon} name="close" />
      </button>
    </header>
    ${children}
  <//>`;
}
