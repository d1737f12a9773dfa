/** A new password by a reset link: all devices of the account are signed out. */

import { html } from "../../html.js";
import { words } from "../../words.js";
import { useAsking } from "../asking.js";
import { Field } from "../Field.js";
import { Wrong } from "../Wrong.js";

/** @import { Page } from "../../page.js" */

/** @param {{page: Page, name: string}} given */
export function NewPassword({ page, name }) {
  const { busy, error, run } = useAsking();
  const says = words.door.reset;
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    const password = String(new FormData(/** @type {HTMLFormElement} */ (event.currentTarget)).get("new-password"));
    run(async () => (password === "" ? says.missing : page.door.accept({ password })));
  };
  return html`<form class="token" onSubmit=${submit} novalidate>
    <h2 class="serif by-link-lead">${says.title}</h2>
    <p class="meta by-link-hint" dir="auto">${says.lead(name)}</p>
    <input class="unseen" type="text" name="username" value=${name} autocomplete="username" readonly tabindex="-1" aria-hidden="true" />
    <${Field} id="new-password" label=${says.password} type="password" autocomplete="new-password" maxlength="1024" hint=${words.door.account.passwordHint} />
    ${error !== "" && html`<${Wrong} text=${error} />`}
    <button class="button strong" type="submit" aria-busy=${busy}>${says.go}</button>
  </form>`;
}
