/** What was reported in a room: read it where it stands, and say what came of it. */

import { asks } from "../../asks.js";
import { html } from "../../html.js";
import { words } from "../../words.js";
import { More } from "../More.js";
import { usePages } from "../pages.js";
import { ReportCard } from "../ReportCard.js";
import { Wrong } from "../Wrong.js";

/** @import { Page } from "../../page.js" */
/** @import { Report } from "../../../client/answers.js" */
/** @import { Answered } from "../../../client/questions.js" */
/** @import { RoomInfo } from "../../../client/infos.js" */

/** @param {{page: Page, info: RoomInfo}} given */
export function Reports({ page, info }) {
  const says = words.report;
  const { list, more, refused, reading, next, again } = usePages((_, after) => read(page, info.room, after), keyOf, [page, info.room, info.reports]);
  if (refused !== null) return html`<${Wrong} text=${says.unread(refused)} />`;
  if (list === null) return null;
  if (list.length === 0) return html`<p class="meta">${says.none}</p>`;
  /** @param {string} id @param {"resolved" | "dismissed"} outcome */
  const close = async (id, outcome) => {
    const { refusal } = await asks(page, (client, done) => client.governing.close(id, outcome, done));
    if (refusal !== null) page.say(words.against.refused(refusal.code));
    again();
  };
  return html`<ul class="rows">
    ${list.map((report) => html`<${ReportCard} key=${report.id} page=${page} report=${report} onClose=${close} />`)}
  </ul>
  <${More} more=${more} reading=${reading} next=${next} />`;
}

/** @param {Report} report */
const keyOf = ({ id }) => id;

/** @param {Page} page @param {string} room @param {string} after */
async function read(page, room, after) {
  const { refusal, found } = await asks(page, (client, /** @type {Answered<{reports: Report[], more: boolean}>} */ done) => client.governing.reports(room, after, done));
  return { refusal, found: { list: found?.reports ?? [], more: found?.more ?? false } };
}
