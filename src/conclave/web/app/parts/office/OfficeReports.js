/** What was reported anywhere and is open. */

import { saidOf } from "../../confirming.js";
import { html } from "../../html.js";
import { words } from "../../words.js";
import { More } from "../More.js";
import { usePages } from "../pages.js";
import { ReportCard } from "../ReportCard.js";
import { Wrong } from "../Wrong.js";

/** @import { Page } from "../../page.js" */

/** @param {{page: Page}} given */
export function OfficeReports({ page }) {
  const says = words.office;
  const { list, more, refused, reading, next, again } = usePages((_, after) => page.office.reports(after), ({ id }) => id, [page]);
  if (refused !== null) return html`<${Wrong} text=${says.unread(refused)} />`;
  if (list === null) return null;
  if (list.length === 0) return html`<p class="meta">${says.noReports}</p>`;
  /** @param {string} id @param {"resolved" | "dismissed"} outcome */
  const close = async (id, outcome) => {
    const wrong = saidOf(await page.office.closeReport(id, outcome));
    if (wrong !== "") page.say(wrong);
    again();
  };
  return html`<ul class="rows">
    ${list.map((report) => html`<${ReportCard} key=${report.id} page=${page} report=${report} where=${report.room} onClose=${close} />`)}
  </ul>
  <${More} more=${more} reading=${reading} next=${next} />`;
}
