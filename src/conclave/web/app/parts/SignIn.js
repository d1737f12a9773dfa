/** The card at the door: what it asks for, and the ways in that are left. */

import { html } from "../html.js";
import { lazy } from "../lazy.js";
import { words } from "../words.js";
import { Demo } from "./door/Demo.js";
import { PasswordForm } from "./door/PasswordForm.js";
import { TokenForm } from "./door/TokenForm.js";
import { Icon } from "./Icon.js";
import { LanguageChoice } from "./LanguageChoice.js";
import { linkOf } from "./linkwords.js";

/** @import { Page } from "../page.js" */

const GuestForm = lazy(async () => (await import("./door/GuestForm.js")).GuestForm);
const LinkCard = lazy(async () => (await import("./door/LinkCard.js")).LinkCard);
const Providers = lazy(async () => (await import("./door/Providers.js")).Providers);
const SecondFactor = lazy(async () => (await import("./door/SecondFactor.js")).SecondFactor);

/** @param {{page: Page}} given */
export function SignIn({ page }) {
  const { door } = page;
  const begun = door.second !== null;
  return html`<main class="door">
    <div class="card">
      <header class="door-head">
        <span class="door-key"><${Icon} name="key" /></span>
        <h1>${words.product}</h1>
        ${!begun && door.link === null && html`<p>${words.signIn.lead}</p>`}
      </header>
      ${begun ? html`<${SecondFactor} page=${page} second=${door.second} />` : door.busy ? html`<${LinkCard} page=${page} link=${door.link} />` : html`<${Ways} page=${page} />`}
      <p class="door-link meta" role="status">${linkOf(page, page.now).door}</p>
      <div class="door-foot"><${LanguageChoice} page=${page} bare /></div>
    </div>
  </main>`;
}

/** @param {{page: Page}} given */
function Ways({ page }) {
  const { door, demo } = page;
  const withToken = door.withToken;
  if (door.asGuestNow) return html`<${GuestForm} page=${page} />`;
  const { signIn, door: says } = words;
  return html`${demo.length > 0 && html`<${Demo} page=${page} or=${withToken ? signIn.or : signIn.orPassword} />`}
    ${withToken ? html`<${TokenForm} page=${page} />` : html`<${PasswordForm} page=${page} />`}
    ${page.window.document.documentElement.dataset.providers && html`<${Providers} page=${page} />`}
    <div class="door-ways">
      ${page.guests && html`<button class="link" type="button" onClick=${() => door.enterAsGuest(true)}>${says.guest}</button>`}
      <button class="link" type="button" onClick=${() => door.choose(!withToken)}>${withToken ? says.noToken : says.token}</button>
    </div>`;
}
