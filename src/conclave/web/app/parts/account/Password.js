/** Changing one's password: all other devices are signed out. */

import { useState } from "../../../vendor/preact-hooks.js";
import { saidOf } from "../../confirming.js";
import { html } from "../../html.js";
import { words } from "../../words.js";
import { useFound } from "../asking.js";
import { Field } from "../Field.js";
import { Form } from "../Form.js";
import { Whose } from "../Whose.js";
import { Wrong } from "../Wrong.js";

/** @import { Page } from "../../page.js" */

/** @param {{page: Page}} given */
export function Password({ page }) {
  const says = words.account;
  const [said, setSaid] = useState("");
  const { found, refused } = useFound(() => page.own.account(), [page]);
  /** @param {Map<string, string>} fields @param {HTMLFormElement} form */
  const send = async (fields, form) => {
    const [password, wanted] = [fields.get("current") ?? "", fields.get("wanted") ?? ""];
    setSaid("");
    if (password === "" || wanted === "") return says.bothMissing;
    const { refusal, found: others } = await page.own.changePassword(password, wanted);
    if (refusal !== null) return refusal.code === "password_required" ? says.passwordWrong : saidOf(refusal);
    form.reset();
    setSaid(says.changed(others));
    return "";
  };
  if (refused !== null) return html`<${Wrong} text=${says.unread(refused)} />`;
  if (found === null) return null;
  if (!found.hasPassword) return html`<p class="meta">${says.noPassword}</p>`;
  return html`<${Form} go=${says.change} send=${send}>
    <${Whose} page=${page} />
    <${Field} id="current" label=${says.current} type="password" autocomplete="current-password" maxlength="1024" focus />
    <${Field} id="wanted" label=${says.wanted} type="password" autocomplete="new-password" maxlength="1024" hint=${says.wantedHint} />
    <p class="meta" role="status">${said}</p>
  <//>`;
}
