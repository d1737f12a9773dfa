/** What a new link is to be: for whom, how often, for how long. */

import { html } from "../html.js";
import { words } from "../words.js";
import { Choice } from "./Choice.js";
import { Field } from "./Field.js";
import { Form } from "./Form.js";

/** @import { ComponentChildren } from "../../vendor/preact.js" */
/** @typedef {{name: string, uses: number | null, days: number | null, fields: Map<string, string>}} Wanted   null: without end */

/** @param {{make: (wanted: Wanted) => Promise<string>, children?: ComponentChildren}} given */
export function LinkForm({ make, children }) {
  const says = words.invite;
  const numberOf = (/** @type {string | undefined} */ text) => (text === undefined || text === "" ? null : Number(text));
  /** @param {Map<string, string>} fields */
  const send = (fields) =>
    make({ name: (fields.get("link-note") ?? "").trim(), uses: numberOf(fields.get("link-uses")), days: numberOf(fields.get("link-days")), fields });
  return html`<${Form} go=${says.make} send=${send} strong=${false}>
    <div class="fields">
      <${Choice} id="link-uses" label=${says.uses} value="1" options=${says.usesChoices} />
      <${Choice} id="link-days" label=${says.days} value="7" options=${says.daysChoices} />
      ${children}
    </div>
    <${Field} id="link-note" label=${says.note} note=${words.newRoom.optional} maxlength="64" autocomplete="off" />
  <//>`;
}
