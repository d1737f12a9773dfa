/** Who is connected now, and what became of one connection, also after its end. */

import { useState } from "../../../vendor/preact-hooks.js";
import { ProgramsApi } from "../../api/programs.js";
import { saidOf } from "../../confirming.js";
import { html } from "../../html.js";
import { programs as says } from "../../programwords.js";
import { fullTime, isoTime, shortTime } from "../../times.js";
import { words } from "../../words.js";
import { useFound } from "../asking.js";
import { Field } from "../Field.js";
import { Form } from "../Form.js";
import { Table } from "../Table.js";
import { Wrong } from "../Wrong.js";

/** @import { Page } from "../../page.js" */
/** @import { Opened, Timeline } from "../../api/programs.js" */

/** @param {{page: Page}} given */
export function Connections({ page }) {
  const api = new ProgramsApi(page.http);
  const { found, refused } = useFound(() => api.connections(), [page]);
  const [shown, setShown] = useState(/** @type {{id: string, timeline: Timeline} | null} */ (null));
  /** @param {string} id */
  const show = async (id) => {
    if (id === "") return "";
    const { refusal, found: timeline } = await api.timeline(id);
    setShown(refusal === null ? { id, timeline } : null);
    return saidOf(refusal);
  };
  const rows = (found ?? []).map((one) => ({ key: one.id, cells: cellsOf(page, one, () => void show(one.id)) }));
  return html`<${Form} go=${says.find} send=${(/** @type {Map<string, string>} */ fields) => show((fields.get("connection") ?? "").trim())} strong=${false} label=${says.timeline}>
      <${Field} id="connection" label=${says.findId} hint=${says.findHint} maxlength="64" autocomplete="off" />
    <//>
    <p class="meta">${says.looked}</p>
    ${shown !== null && html`<${Lines} page=${page} id=${shown.id} timeline=${shown.timeline} />`}
    ${refused !== null && html`<${Wrong} text=${words.office.unread(refused)} />`}
    ${found?.length === 0 && html`<p class="meta">${says.noConnections}</p>`}
    ${rows.length > 0 && html`<${Table} label=${says.connections} columns=${[says.who, says.from, says.since, says.waits, ""]} rows=${rows} />`}`;
}

/** @param {{page: Page, id: string, timeline: Timeline}} given */
function Lines({ page, id, timeline }) {
  return html`<section class="part" aria-label=${says.timelineOf(id)}>
    <h2>${says.timelineOf(id)}</h2>
    <p class="meta" role="status">${timeline.open ? says.open : says.ended}</p>
    <ul class="rows">
      ${timeline.lines.map(
        ({ at, what, about }, n) =>
          html`<li key=${n} class="row">
            <p><time class="meta" dateTime=${isoTime(at)} title=${fullTime(at)}>${shortTime(at, page.serverNow)}</time> ${says.events.get(what) ?? what} <bdi>${about}</bdi></p>
          </li>`,
      )}
    </ul>
  </section>`;
}

/** @param {Page} page @param {Opened} one @param {() => void} show */
function cellsOf(page, { id, user, address, since, rooms, waits }, show) {
  return [
    html`${user === "" ? says.nobody : html`<bdi class="row-name">${user}</bdi>`}<bdi class="meta">${rooms.join(", ")}</bdi>`,
    html`<bdi>${address}</bdi>`,
    shortTime(since, page.serverNow),
    waits === 0 ? "" : words.office.bytes(waits),
    html`<button class="button" type="button" aria-label=${says.timelineOf(id)} onClick=${show}>${says.timeline}</button>`,
  ];
}
