/** One report: the message, who reported it and why, and what to do about it. */

import { html } from "../html.js";
import { shortTime } from "../times.js";
import { words } from "../words.js";

/** @import { Page } from "../page.js" */
/** @import { Report } from "../../client/answers.js" */

/** @param {{page: Page, report: Report, onClose: (id: string, outcome: "resolved" | "dismissed") => void, where?: string}} given   where: the room's name, in a list of several rooms */
export function ReportCard({ page, report, onClose, where = "" }) {
  const says = words.report;
  const { id, room, seq, name, text, user, reason, at } = report;
  const by = page.members.nameOf(room, user) || user;
  const member = page.infoOf(room) !== null;
  const jump = () => {
    page.show(null);
    page.goTo(room, seq);
  };
  return html`<li class="row report">
    <div>
      <p class="meta">${where !== "" && html`<bdi class="hit-room">${where}</bdi> · `}<bdi>${says.wrote(name)}</bdi></p>
      ${text === "" ? html`<p class="meta">${says.gone}</p>` : html`<blockquote class="asked" dir="auto" tabindex="0">${text}</blockquote>`}
      <p class="meta"><bdi>${says.says(by)}</bdi> <span dir="auto">${reason}</span> · ${shortTime(at, page.serverNow)}</p>
    </div>
    <div class="row-end">
      ${member && html`<button class="button" type="button" onClick=${jump}>${says.jump}</button>`}
      <button class="button" type="button" onClick=${() => onClose(id, "dismissed")}>${says.dismiss}</button>
      <button class="button strong" type="button" onClick=${() => onClose(id, "resolved")}>${says.resolve}</button>
    </div>
  </li>`;
}
