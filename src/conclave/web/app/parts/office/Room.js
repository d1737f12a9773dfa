/** One room in the office: who owns it, its archive, its end. Nothing of what is said in it. */

import { useState } from "../../../vendor/preact-hooks.js";
import { saidOf } from "../../confirming.js";
import { html } from "../../html.js";
import { words } from "../../words.js";
import { Dialog } from "../Dialog.js";
import { Field } from "../Field.js";
import { Form } from "../Form.js";
import { Step } from "./Step.js";

/** @import { Page } from "../../page.js" */
/** @import { OfficeRoom } from "../../api/office.js" */
/** @import { Refusal } from "../../../client/requests.js" */

/** @param {{page: Page, info: OfficeRoom, onChange: () => void}} given */
export function Room({ page, info: given, onChange }) {
  const says = words.office;
  const { archiveAsk, archiveLead, reopenLead, deleteAsk, deleteLead } = words.settings;
  const [info, setInfo] = useState(given);
  const [said, setSaid] = useState("");
  const { room, title, owners, archived } = info;
  const close = () => page.show(null);
  /** @param {Promise<Refusal | null>} asked @param {Partial<OfficeRoom>} change */
  const done = async (asked, change) => {
    const refusal = await asked;
    setSaid(refusal === null ? says.done : "");
    if (refusal === null) {
      setInfo({ ...info, ...change });
      onChange();
    }
    return saidOf(refusal);
  };
  /** @param {string} question @param {string} lead @param {string} go @param {() => Promise<string>} act */
  const ask = (question, lead, go, act) => page.ask({ title: question, lead, go, cancel: says.cancel, act });
  const archive = () => done(page.office.archive(room, !archived), { archived: !archived });
  const remove = async () => {
    const wrong = await done(page.office.deleteRoom(room), {});
    if (wrong === "") close();
    return wrong;
  };
  /** @param {Map<string, string>} fields */
  const addOwner = async (fields) => {
    const user = (fields.get("owner") ?? "").trim();
    if (user === "") return says.nameMissing;
    return done(page.office.addOwner(room, user), { owners: [...owners, user] });
  };
  return html`<${Dialog} name="room" title=${title} close=${says.close} onClose=${close}>
    <p class="meta">${says.owners}: <bdi>${owners.length === 0 ? says.noOwner : owners.join(", ")}</bdi></p>
    <${Form} go=${says.addOwner} send=${addOwner} strong=${false}>
      <${Field} id="owner" label=${says.ownerName} maxlength="64" autocomplete="off" hint=${says.addOwnerLead} focus />
    <//>
    <div class="part">
      <${Step} lead=${archived ? reopenLead : archiveLead} go=${archived ? says.reopen : says.archive} act=${() => (archived ? void archive().then((wrong) => wrong !== "" && setSaid(wrong)) : ask(archiveAsk(title), archiveLead, says.archive, archive))} />
      <${Step} lead=${deleteLead} go=${says.delete} danger act=${() => ask(deleteAsk(title), deleteLead, says.delete, remove)} />
    </div>
    <p class="meta" role="status">${said}</p>
  <//>`;
}
