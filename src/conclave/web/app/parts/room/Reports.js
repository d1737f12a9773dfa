/** What was reported in a room: read it where it stands, and say what came of it. */

import { asks } from "../../asks.js";
import { html } from "../../html.js";
import { words } from "../../words.js";
import { useFound } from "../asking.js";
import { ReportCard } from "../ReportCard.js";
import { Wrong } from "../Wrong.js";

/** @import { Page } from "../../page.js" */
/** @import { Report } from "../../../client/answers.js" */
/** @import { RoomInfo } from "../../../client/infos.js" */

/** @param {{page: Page, info: RoomInfo}} given */
export function Reports({ page, info }) {
  const says = words.report;
  const { found, refused, again } = useFound(() => asks(page, (client, done) => client.governing.reports(info.room, done)), [page, info.room, info.reports]);
  if (refused !== null) return html`<${Wrong} text=${says.unread(refused)} />`;
  if (found === null) return null;
  if (found.reports.length === 0) return html`<p class="meta">${says.none}</p>`;
  /** @param {string} id @param {"resolved" | "dismissed"} outcome */
  const close = async (id, outcome) => {
    const { refusal } = await asks(page, (client, done) => client.governing.close(id, outcome, done));
    if (refusal !== null) page.say(words.against.refused(refusal.code));
    again();
  };
  return html`<ul class="rows">
    ${found.reports.map((/** @type {Report} */ report) => html`<${ReportCard} key=${report.id} page=${page} report=${report} onClose=${close} />`)}
  </ul>`;
}
