/** A room's settings: slow mode, who reads the past, and its end. */

import { useState } from "../../../vendor/preact-hooks.js";
import { asks } from "../../asks.js";
import { html } from "../../html.js";
import { may } from "../../rights.js";
import { words } from "../../words.js";
import { Choice } from "../Choice.js";
import { Form } from "../Form.js";

/** @import { Page } from "../../page.js" */
/** @import { RoomInfo } from "../../../client/infos.js" */

/** @param {{page: Page, info: RoomInfo}} given */
export function Settings({ page, info }) {
  return html`${(may(info, "update") || may(info, "history")) && html`<${Rules} page=${page} info=${info} />`}
    ${may(info, "archive") && html`<${Archive} page=${page} info=${info} />`}
    ${may(info, "delete_room") && html`<${Delete} page=${page} info=${info} />`}`;
}

/** @param {{page: Page, info: RoomInfo}} given */
function Rules({ page, info }) {
  const says = words.settings;
  const [saved, setSaved] = useState("");
  /** @param {Map<string, string>} fields */
  const send = async (fields) => {
    const slow = Number(fields.get("slow") ?? info.slowMode);
    const history = fields.get("history") ?? info.history;
    const wanted = { ...(slow === info.slowMode ? {} : { slow_mode: slow }), ...(history === info.history ? {} : { history }) };
    setSaved("");
    if (Object.keys(wanted).length > 0) {
      const { refusal } = await asks(page, (client, done) => client.governing.set(info.room, wanted, done));
      if (refusal !== null) return says.refused(refusal.code);
    }
    setSaved(says.saved);
    return "";
  };
  return html`<${Form} go=${says.save} send=${send}>
    ${may(info, "update") && html`<${Choice} id="slow" label=${says.slow} value=${String(info.slowMode)} options=${slowChoices(info)} hint=${says.slowHint} focus />`}
    ${may(info, "history") && html`<${Choice} id="history" label=${says.history} value=${info.history} options=${says.historyChoices} hint=${says.historyHint} />`}
    <p class="meta" role="status">${saved}</p>
  <//>`;
}

/** Another client may have set what is not among them. @param {RoomInfo} info @returns {[string, string][]} */
function slowChoices({ slowMode }) {
  const { slowChoices: choices, slowOther } = words.settings;
  const known = choices.some(([seconds]) => seconds === String(slowMode));
  return known ? choices : [...choices, [String(slowMode), slowOther(slowMode)]];
}

/** @param {{page: Page, info: RoomInfo}} given */
function Archive({ page, info }) {
  const says = words.settings;
  const { archived, room, title } = info;
  const act = async () => {
    const { refusal } = await asks(page, (client, done) => client.governing.archive(room, !archived, done));
    return refusal === null ? "" : says.notDone(refusal.code);
  };
  const ask = () => page.ask({ title: says.archiveAsk(title), lead: says.archiveLead, go: says.archive, cancel: words.against.cancel, act });
  return html`<div class="part">
    <p class="meta">${archived ? says.reopenLead : says.archiveLead}</p>
    <div class="part-end">
      <button class="button" type="button" onClick=${archived ? () => act().then((wrong) => wrong !== "" && page.say(wrong)) : ask}>${archived ? says.reopen : says.archive}</button>
    </div>
  </div>`;
}

/** @param {{page: Page, info: RoomInfo}} given */
function Delete({ page, info }) {
  const says = words.settings;
  const act = async () => {
    const { refusal } = await asks(page, (client, done) => client.governing.delete(info.room, done));
    if (refusal === null) page.show(null);
    return refusal === null ? "" : says.notDone(refusal.code);
  };
  const ask = () => page.ask({ title: says.deleteAsk(info.title), lead: says.deleteLead, go: says.delete, cancel: says.cancel, act });
  return html`<div class="part">
    <p class="meta">${says.deleteLead}</p>
    <div class="part-end"><button class="button danger" type="button" onClick=${ask}>${says.delete}</button></div>
  </div>`;
}
