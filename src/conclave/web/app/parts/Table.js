/**
 * A table that becomes a list of cards where it is narrow: each cell then names its column.
 * The roles are said in words, since a browser forgets them when a table is laid out otherwise.
 */

import { html } from "../html.js";
import { sheet } from "../sheet.js";
import { words } from "../words.js";

/** @import { ComponentChildren } from "../../vendor/preact.js" */

await sheet("office");
/** @typedef {{key: string, cells: ComponentChildren[]}} TableRow */

/** @param {{label: string, columns: string[], rows: TableRow[]}} given   the last column may have no name: it holds buttons */
export function Table({ label, columns, rows }) {
  return html`<table class="table" role="table" aria-label=${label}>
    <thead role="rowgroup">
      <tr role="row">${columns.map((column, n) => html`<th key=${n} role="columnheader" scope="col">${column === "" ? html`<span class="unseen">${words.office.actions}</span>` : column}</th>`)}</tr>
    </thead>
    <tbody role="rowgroup">
      ${rows.map(
        ({ key, cells }) =>
          html`<tr key=${key} role="row">${cells.map((cell, n) => html`<td key=${n} role="cell" data-column=${columns[n] || undefined} data-empty=${cell === "" || cell === null}><div>${cell}</div></td>`)}</tr>`,
      )}
    </tbody>
  </table>`;
}
