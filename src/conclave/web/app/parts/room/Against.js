/** Muting, banning or removing somebody: for how long, and why. */

import { asks } from "../../asks.js";
import { html } from "../../html.js";
import { words } from "../../words.js";
import { Choice } from "../Choice.js";
import { Dialog } from "../Dialog.js";
import { Field } from "../Field.js";
import { Form } from "../Form.js";

/** @import { Page } from "../../page.js" */
/** @typedef {"mute" | "kick" | "ban"} What */

/** @param {{page: Page, what: What, room: string, user: string, called: string}} given */
export function Against({ page, what, room, user, called }) {
  const says = words.against;
  const close = () => page.show(null);
  /** @param {Map<string, string>} fields */
  const send = async (fields) => {
    const long = fields.get("long") ?? "";
    const until = long === "" ? {} : { until: page.serverNow + Number(long) };
    const reason = (fields.get("reason") ?? "").trim();
    const against = { room, user, ...until, ...(reason === "" ? {} : { reason }) };
    const { refusal } = await asks(page, (client, done) => client.governing[what](against, done));
    if (refusal !== null) return says.refused(refusal.code);
    page.members.read(room);
    close();
    return "";
  };
  return html`<${Dialog} title=${says.titles[what](called)} close=${says.cancel} onClose=${close}>
    <${Form} go=${says.go[what]} danger send=${send} cancel=${says.cancel} onCancel=${close}>
      <p class="meta">${says.leads[what]}</p>
      ${what !== "kick" && html`<${Choice} id="long" label=${says.long} value=${what === "ban" ? "" : "600000"} options=${words.durations} focus />`}
      <${Field} id="reason" label=${says.why} note=${words.newRoom.optional} maxlength="500" autocomplete="off" hint=${says.whyHints[what]} focus=${what === "kick"} />
    <//>
  <//>`;
}
