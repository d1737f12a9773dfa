/** All rooms of the server, also those an admin is no member of: each with what may be done about it. */

import { html } from "../../html.js";
import { words } from "../../words.js";
import { Finder } from "../Finder.js";
import { More } from "../More.js";
import { Table } from "../Table.js";
import { Wrong } from "../Wrong.js";
import { usePages } from "../pages.js";

/** @import { Page } from "../../page.js" */
/** @import { OfficeRoom } from "../../api/office.js" */

/** @param {{page: Page}} given */
export function OfficeRooms({ page }) {
  const says = words.office;
  const { list, more, refused, reading, find, next, again } = usePages((query, after) => page.office.rooms(query, after), (/** @type {OfficeRoom} */ { room }) => room);
  /** @param {OfficeRoom} info */
  const manage = (info) => page.show({ name: "officeRoom", info, onChange: again });
  const rows = (list ?? []).map((/** @type {OfficeRoom} */ info) => ({ key: info.room, cells: cellsOf(info, () => manage(info)) }));
  return html`<${Finder} id="find-room" label=${says.findRoom} onFind=${find} />
    ${refused !== null && html`<${Wrong} text=${says.unread(refused)} />`}
    ${list !== null && list.length === 0 && html`<p class="meta">${says.noRooms}</p>`}
    ${rows.length > 0 && html`<${Table} label=${says.rooms} columns=${[says.room, says.kind, says.members, says.entries, ""]} rows=${rows} />`}
    <${More} more=${more} reading=${reading} next=${next} />`;
}

/** @param {OfficeRoom} info @param {() => void} manage */
function cellsOf({ title, room, kind, members, lastSeq, archived }, manage) {
  const says = words.office;
  return [
    html`<bdi class="row-name">${title}</bdi>${title !== room && html`<bdi class="meta">${room}</bdi>`}`,
    html`${says.kindOf.get(kind) ?? kind}${archived && html`<span class="meta"> · ${says.archived}</span>`}`,
    words.number(members),
    words.number(lastSeq),
    kind === "direct" ? "" : html`<button class="button" type="button" aria-label=${says.manageRoom(title)} onClick=${manage}>${says.manage}</button>`,
  ];
}
