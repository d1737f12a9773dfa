/** One person in the office: role, whether they may come in, and help when they cannot. */

import { useState } from "../../../vendor/preact-hooks.js";
import { saidOf, surely } from "../../confirming.js";
import { html } from "../../html.js";
import { addressOf } from "../../route.js";
import { dateOnly } from "../../times.js";
import { words } from "../../words.js";
import { Choice } from "../Choice.js";
import { Dialog } from "../Dialog.js";
import { Form } from "../Form.js";
import { Once } from "../Once.js";
import { Erase } from "./Erase.js";
import { Step } from "./Step.js";

/** @import { Page } from "../../page.js" */
/** @import { OfficePerson } from "../../api/office.js" */
/** @import { Refusal } from "../../../client/requests.js" */

/** @param {{page: Page, person: OfficePerson, onChange: () => void}} given */
export function Person({ page, person: given, onChange }) {
  const says = words.office;
  const [person, setPerson] = useState(given);
  const [said, setSaid] = useState("");
  const [link, setLink] = useState("");
  const { id, displayName, active, here } = person;
  const self = id === page.client.me?.id;
  /** @param {Promise<Refusal | null>} asked @param {Partial<OfficePerson>} [change] */
  const done = async (asked, change = {}) => {
    const refusal = await asked;
    setSaid(refusal === null ? says.done : "");
    if (refusal === null) {
      setPerson({ ...person, ...change });
      onChange();
    }
    return refusal;
  };
  /** Where the server may ask who is there. @param {() => Promise<Refusal | null>} act @param {Partial<OfficePerson>} [change] */
  const sure = (act, change) => surely(page, () => done(act(), change));
  /** @param {string} title @param {string} lead @param {string} go @param {() => Promise<string>} act */
  const ask = (title, lead, go, act) => page.ask({ title, lead, go, cancel: says.cancel, act });
  const makeReset = async () => {
    const { refusal, found } = await page.office.resetLink(id);
    if (refusal === null) setLink(addressOf(page.window.location, "reset", found));
    return refusal;
  };
  /** @param {Promise<string>} asked */
  const orSay = async (asked) => setSaid(await asked);
  /** @param {Map<string, string>} fields */
  const saveRole = async (fields) => {
    const role = fields.get("role") ?? person.role;
    const set = () => sure(() => page.office.changePerson(id, { role }), { role });
    if (role !== "admin" || person.role === "admin") return set();
    ask(says.roleAsk(displayName, says.roleNames.get(role) ?? role), says.adminLead, says.saveRole, set);
    return "";
  };
  return html`<${Dialog} name="person" title=${displayName} close=${says.close} onClose=${() => page.show(null)}>
    <p class="meta"><bdi>${id}</bdi>. ${says.joined(dateOnly(person.createdAt))} ${self && says.yourself}</p>
    ${!here && html`<p class="meta">${says.elsewhere}</p>`}
    ${link !== "" && html`<${Once} label=${says.resetLink} text=${link} />`}
    ${!self && here && html`<${Form} go=${says.saveRole} strong=${false} send=${saveRole}><${Choice} id="role" label=${says.role} value=${person.role} options=${says.roles} focus /><//>`}
    <div class="part">
      ${here && html`<${Step} lead=${says.resetLead} go=${says.reset} act=${() => orSay(surely(page, makeReset))} />`}
      <${Step} lead=${says.signOutLead} go=${says.signOut} act=${() => ask(says.signOutAsk(displayName), says.signOutLead, says.signOut, async () => saidOf(await done(page.office.signOut(id))))} />
      ${person.hasFactor &&
      html`<${Step} lead=${says.dropFactorsLead} go=${says.dropFactors} act=${() => ask(says.dropFactorsAsk(displayName), says.dropFactorsLead, says.dropFactors, () => sure(() => page.office.dropFactors(id), { hasFactor: false }))} />`}
      ${!self &&
      (active
        ? html`<${Step} lead=${says.deactivateLead} go=${says.deactivate} danger act=${() => ask(says.deactivateAsk(displayName), says.deactivateLead, says.deactivate, async () => saidOf(await done(page.office.changePerson(id, { active: false }), { active: false })))} />`
        : html`<${Step} lead="" go=${says.activate} act=${() => void sure(() => page.office.changePerson(id, { active: true }), { active: true }).then((wrong) => wrong !== "" && setSaid(wrong))} />`)}
      ${!self && active && person.role === "admin" && html`<p class="meta">${says.eraseAdmin}</p>`}
      ${!self && !(active && person.role === "admin") && html`<${Erase} page=${page} id=${id} displayName=${displayName} onErased=${onChange} />`}
    </div>
    <p class="meta" role="status">${said}</p>
  <//>`;
}
