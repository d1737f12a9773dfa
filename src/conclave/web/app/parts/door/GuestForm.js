/** The way in of a guest: a name that is shown, and nothing to come back with. */

import { html } from "../../html.js";
import { words } from "../../words.js";
import { useAsking } from "../asking.js";
import { Field } from "../Field.js";

/** @import { Page } from "../../page.js" */

/** @param {{page: Page}} given */
export function GuestForm({ page }) {
  const { busy, error, run } = useAsking();
  const says = words.door.asGuest;
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    const name = String(new FormData(/** @type {HTMLFormElement} */ (event.currentTarget)).get("guest-name")).trim();
    run(async () => (name === "" ? says.missing : page.door.asGuest(name)));
  };
  return html`<form class="token" onSubmit=${submit} novalidate>
    <h2 class="serif by-link-lead">${says.title}</h2>
    <p class="meta by-link-hint">${says.lead}</p>
    <${Field} id="guest-name" label=${says.name} maxlength="64" autocomplete="nickname" error=${error} />
    <button class="button strong" type="submit" aria-busy=${busy}>${says.go}</button>
    <div class="door-ways"><button class="link" type="button" onClick=${() => page.door.enterAsGuest(false)}>${words.door.back}</button></div>
  </form>`;
}
