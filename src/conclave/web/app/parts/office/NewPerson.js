/** A new account, made for somebody: they set their password by a link. */

import { useState } from "../../../vendor/preact-hooks.js";
import { surely } from "../../confirming.js";
import { html } from "../../html.js";
import { addressOf } from "../../route.js";
import { words } from "../../words.js";
import { Choice } from "../Choice.js";
import { Field } from "../Field.js";
import { Form } from "../Form.js";
import { Icon } from "../Icon.js";
import { Once } from "../Once.js";

/** @import { Page } from "../../page.js" */

/** @param {{page: Page, onMade: () => void}} given */
export function NewPerson({ page, onMade }) {
  const says = words.office;
  const [link, setLink] = useState("");
  /** @param {Map<string, string>} fields @param {HTMLFormElement} form */
  const send = async (fields, form) => {
    const [name, shown] = [fields.get("person-name") ?? "", fields.get("person-shown") ?? ""].map((text) => text.trim());
    if (!name) return says.nameMissing;
    const wanted = { name, role: fields.get("person-role") ?? "user", ...(shown ? { display_name: shown } : {}) };
    // Asked again for the link alone, once the account is there.
    let made = "";
    return surely(page, async () => {
      if (made === "") {
        const { refusal, found } = await page.office.makePerson(wanted);
        if (refusal !== null) return refusal;
        made = found.id;
        onMade();
      }
      const { refusal, found: token } = await page.office.resetLink(made);
      if (refusal === null) {
        setLink(addressOf(page.window.location, "reset", token));
        form.reset();
      }
      return refusal;
    });
  };
  return html`<details class="part">
    <summary class="quiet-button"><${Icon} name="plus" />${says.newPerson}</summary>
    <p class="meta">${says.newPersonLead}</p>
    ${link !== "" && html`<${Once} label=${says.resetLink} text=${link} />`}
    <${Form} go=${says.makePerson} send=${send} strong=${false} label=${says.newPerson}>
      <div class="fields">
        <${Field} id="person-name" label=${says.name} maxlength="32" autocomplete="off" hint=${words.door.account.nameHint} />
        <${Field} id="person-shown" label=${words.door.account.shown} note=${words.newRoom.optional} maxlength="64" autocomplete="off" />
        <${Choice} id="person-role" label=${says.role} value="user" options=${says.roles} />
      </div>
    <//>
  </details>`;
}
