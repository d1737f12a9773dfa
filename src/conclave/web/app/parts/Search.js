/** A search in all one's rooms: a field, what it understands, and what was found. */

import { useEffect, useLayoutEffect, useRef } from "../../vendor/preact-hooks.js";
import { PAUSE_MS } from "../finding.js";
import { html } from "../html.js";
import { words } from "../words.js";
import { Hits } from "./Hits.js";
import { PanelFrame } from "./Panel.js";

/** @import { Page } from "../page.js" */

/** @param {{page: Page, alone: boolean}} given */
export function Search({ page, alone }) {
  const { finding } = page;
  const { text } = finding;
  /** @type {{current: HTMLInputElement | null}} */
  const field = useRef(null);
  // It may have come after it was asked for, when there was no field yet.
  useLayoutEffect(() => field.current?.focus(), []);
  useEffect(() => {
    const timer = setTimeout(() => finding.ask(), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [finding, text]);
  /** @param {{currentTarget: HTMLInputElement}} event */
  const typed = ({ currentTarget }) => {
    finding.text = currentTarget.value;
    page.changed();
  };
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    finding.ask(true);
  };
  return html`<${PanelFrame} page=${page} title=${words.search.title} alone=${alone} name="search">
    <form class="search-form" role="search" onSubmit=${submit}>
      <input ref=${field} id="search" type="search" dir="auto" maxlength="512" autocomplete="off" aria-label=${words.search.field} placeholder=${words.search.field} aria-describedby="search-said" value=${text} onInput=${typed} />
    </form>
    <p class="meta search-said" id="search-said" role="status" dir="auto">${saidOf(page)}</p>
    <div class="panel-scroll">
      ${finding.refusal !== null && html`<p class="error" role="alert">${words.search.refused(finding.refusal)}</p>`}
      ${text.trim() === "" ? html`<${Hint} />` : html`<${Hits} page=${page} />`}
    </div>
  <//>`;
}

/** @param {Page} page */
function saidOf({ finding }) {
  if (finding.reading && finding.hits.length === 0) return words.search.reading;
  if (!finding.answered || finding.text.trim() === "") return "";
  const { hits, more, query } = finding;
  return hits.length === 0 ? words.search.none(query) : words.search.found(hits.length, more);
}

function Hint() {
  return html`<div class="search-hint">
    <p>${words.search.hint}</p>
    <dl class="operators">
      ${words.search.operators.map(([operator = "", meaning]) => html`<div><dt><code>${operator}</code></dt><dd class="meta">${meaning}</dd></div>`)}
    </dl>
  </div>`;
}
