/** Addresses by which programs write into rooms. */

import { useState } from "../../../vendor/preact-hooks.js";
import { saidOf } from "../../confirming.js";
import { html } from "../../html.js";
import { programs as says } from "../../programwords.js";
import { Field } from "../Field.js";
import { Form } from "../Form.js";
import { Once } from "../Once.js";

/** @import { Page } from "../../page.js" */
/** @import { Incoming as Hook, ProgramsApi } from "../../api/programs.js" */

/** @param {{page: Page, api: ProgramsApi, room: string | null, hooks: Hook[], again: () => void}} given */
export function Incoming({ page, api, room, hooks, again }) {
  const [made, setMade] = useState("");
  /** @param {Map<string, string>} fields @param {HTMLFormElement} form */
  const send = async (fields, form) => {
    const [name, into] = [fields.get("hook-in-name") ?? "", room ?? fields.get("hook-in-room") ?? ""].map((text) => text.trim());
    if (!name) return says.nameMissing;
    if (!into) return says.roomMissing;
    const { refusal, found } = await api.makeIncoming({ room: into, name });
    if (refusal !== null) return saidOf(refusal);
    setMade(found);
    form.reset();
    again();
    return "";
  };
  /** @param {Hook} hook */
  const revoke = ({ id, name }) => {
    const act = async () => {
      const refusal = await api.revoke("incoming", id);
      again();
      return saidOf(refusal);
    };
    page.ask({ title: says.revokeInAsk(name), lead: says.revokeInLead, go: says.revoke, cancel: says.cancel, act });
  };
  return html`<${room === null ? "h2" : "h3"}>${says.incoming}<//>
    <p class="meta">${says.incomingLead}</p>
    ${made !== "" && html`<${Once} label=${says.madeIncoming} text=${made} />`}
    ${hooks.length === 0 && html`<p class="meta">${says.noIncoming}</p>`}
    <ul class="rows">
      ${hooks.map(
        (hook) =>
          html`<li key=${hook.id} class="row">
            <div>
              <bdi class="row-name">${hook.name}</bdi>
              <p class="meta">${room === null && html`<bdi>${hook.room}</bdi> · `}${says.used(hook.uses)} · <bdi>${hook.by}</bdi></p>
            </div>
            <button class="button" type="button" aria-label=${`${says.revoke}: ${hook.name}`} onClick=${() => revoke(hook)}>${says.revoke}</button>
          </li>`,
      )}
    </ul>
    <div class="part">
      <${Form} go=${says.makeIncoming} send=${send} strong=${false} label=${says.incoming}>
        <div class="fields">
          <${Field} id="hook-in-name" label=${says.name} maxlength="64" autocomplete="off" />
          ${room === null && html`<${Field} id="hook-in-room" label=${says.room} maxlength="64" autocomplete="off" />`}
        </div>
      <//>
    </div>`;
}
