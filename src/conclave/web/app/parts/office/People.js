/** Everybody who has an account, with a way to look after each. */

import { html } from "../../html.js";
import { shortTime } from "../../times.js";
import { words } from "../../words.js";
import { Finder } from "../Finder.js";
import { More } from "../More.js";
import { Table } from "../Table.js";
import { Wrong } from "../Wrong.js";
import { NewPerson } from "./NewPerson.js";
import { usePages } from "../pages.js";

/** @import { Page } from "../../page.js" */
/** @import { OfficePerson } from "../../api/office.js" */

/** @param {{page: Page}} given */
export function People({ page }) {
  const says = words.office;
  const { list, more, refused, reading, find, next, again } = usePages((query, after) => page.office.people(query, after), (/** @type {OfficePerson} */ { id }) => id);
  /** @param {OfficePerson} person */
  const manage = (person) => page.show({ name: "person", person, onChange: again });
  const rows = (list ?? []).map((/** @type {OfficePerson} */ person) => ({ key: person.id, cells: cellsOf(page, person, () => manage(person)) }));
  return html`<${Finder} id="find-person" label=${says.findPerson} onFind=${find} />
    ${refused !== null && html`<${Wrong} text=${says.unread(refused)} />`}
    ${list !== null && list.length === 0 && html`<p class="meta">${says.noPeople}</p>`}
    ${rows.length > 0 && html`<${Table} label=${says.people} columns=${[says.person, says.role, says.state, says.seen, ""]} rows=${rows} />`}
    <${NewPerson} page=${page} onMade=${again} />
    <${More} more=${more} reading=${reading} next=${next} />`;
}

/** @param {Page} page @param {OfficePerson} person @param {() => void} manage */
function cellsOf(page, person, manage) {
  const says = words.office;
  const { id, displayName, role, active, seenAt, hasFactor } = person;
  return [
    html`<bdi class="row-name">${displayName}</bdi><bdi class="meta">${id}</bdi>`,
    says.roleNames.get(role) ?? role,
    html`${active ? says.active : says.inactive}${hasFactor && html`<span class="meta"> · ${says.factor}</span>`}`,
    seenAt === null ? says.never : shortTime(seenAt, page.serverNow),
    html`<button class="button" type="button" aria-label=${says.manageOf(displayName)} onClick=${manage}>${says.manage}</button>`,
  ];
}
