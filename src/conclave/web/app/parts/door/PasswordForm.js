/** The way in with a name and a password, or with a passkey and nothing else. */

import { hasPasskeys } from "../../door.js";
import { html } from "../../html.js";
import { words } from "../../words.js";
import { useAsking } from "../asking.js";
import { Field } from "../Field.js";
import { Icon } from "../Icon.js";
import { Wrong } from "../Wrong.js";
import { endOf } from "./ended.js";

/** @import { Page } from "../../page.js" */

/** @param {{page: Page}} given */
export function PasswordForm({ page }) {
  const { door } = page;
  const { busy, error, run } = useAsking();
  const says = words.door;
  const wrong = error === "" ? endOf(page) : error;
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    const [name, password] = [String(form.get("username")).trim(), String(form.get("password"))];
    run(async () => (name === "" || password === "" ? says.missing : door.byPassword(name, password)));
  };
  return html`<form class="token" onSubmit=${submit} novalidate>
    <${Field} id="username" label=${says.name} autocomplete="username webauthn" maxlength="64" />
    <${Field} id="password" label=${says.password} type="password" autocomplete="current-password" maxlength="1024" />
    ${wrong !== "" && html`<${Wrong} id="door-error" text=${wrong} />`}
    <button class="button ${page.demo.length > 0 ? "" : "strong"}" type="submit" aria-busy=${busy}>${says.go}</button>
    ${hasPasskeys() &&
    html`<button class="button with-icon" type="button" onClick=${() => run(() => door.byPasskey())}><${Icon} name="key" />${says.passkey}</button>`}
  </form>`;
}
