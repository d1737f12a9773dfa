/** Telling the moderators of a message, and what is wrong with it. */

import { asks } from "../../asks.js";
import { html } from "../../html.js";
import { words } from "../../words.js";
import { Dialog } from "../Dialog.js";
import { Field } from "../Field.js";
import { Form } from "../Form.js";

/** @import { Page } from "../../page.js" */
/** @import { Entry } from "../../../client/wire.js" */

/** @param {{page: Page, entry: Entry}} given */
export function ReportMessage({ page, entry }) {
  const says = words.report;
  const close = () => page.show(null);
  /** @param {Map<string, string>} fields */
  const send = async (fields) => {
    const reason = (fields.get("reason") ?? "").trim();
    if (reason === "") return says.missing;
    const { refusal } = await asks(page, (client, done) => client.governing.report(entry.room, entry.seq, reason, done));
    if (refusal !== null) return says.refused(refusal.code);
    close();
    page.say(says.done, true);
    return "";
  };
  return html`<${Dialog} title=${says.title(entry.seq)} close=${says.cancel} onClose=${close}>
    <blockquote class="asked" dir="auto">${entry.text}</blockquote>
    <p class="meta">${says.lead}</p>
    <${Form} go=${says.go} send=${send} cancel=${says.cancel} onCancel=${close}>
      <${Field} id="reason" label=${says.why} maxlength="500" autocomplete="off" focus />
    <//>
  <//>`;
}
