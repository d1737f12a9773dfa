/** After the password: a code of an app, a recovery code, or a passkey. */

import { html } from "../../html.js";
import { words } from "../../words.js";
import { useAsking } from "../asking.js";
import { Field } from "../Field.js";
import { Wrong } from "../Wrong.js";

/** @import { Page } from "../../page.js" */
/** @import { Second } from "../../door.js" */

/** @param {{page: Page, second: Second}} given */
export function SecondFactor({ page, second }) {
  const { door } = page;
  const says = words.door.second;
  const { shown } = second;
  const others = second.wanted.methods.filter((factor) => factor !== shown);
  return html`<section class="second" aria-label=${says.title}>
    <h2>${says.title}</h2>
    <p class="meta">${says.lead[shown]}</p>
    ${shown === "passkey" ? html`<${ByPasskey} page=${page} />` : html`<${ByCode} key=${shown} page=${page} recovery=${shown === "recovery"} />`}
    <div class="door-ways">
      ${others.map((factor) => html`<button key=${factor} class="link" type="button" onClick=${() => door.ask(factor)}>${says.other[factor]}</button>`)}
      <button class="link" type="button" onClick=${() => door.ask(null)}>${words.door.back}</button>
    </div>
  </section>`;
}

/** @param {{page: Page, recovery: boolean}} given */
function ByCode({ page, recovery }) {
  const { busy, error, run } = useAsking();
  const says = words.door.second;
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    const code = String(new FormData(/** @type {HTMLFormElement} */ (event.currentTarget)).get("code"));
    run(() => page.door.byCode(code.trim()));
  };
  /** The step came by itself: one goes on where one was. @param {HTMLElement | null} form */
  const arrived = (form) => form?.querySelector("input")?.focus();
  return html`<form class="token" ref=${arrived} onSubmit=${submit} novalidate>
    <${Field}
      id="code"
      label=${recovery ? says.recoveryCode : says.code}
      autocomplete="one-time-code"
      inputmode=${recovery ? "text" : "numeric"}
      maxlength="40"
      error=${error}
    />
    <button class="button strong" type="submit" aria-busy=${busy}>${says.go}</button>
  </form>`;
}

/** @param {{page: Page}} given */
function ByPasskey({ page }) {
  const { busy, error, run } = useAsking();
  return html`<div class="token">
    ${error !== "" && html`<${Wrong} text=${error} />`}
    <button class="button strong" type="button" aria-busy=${busy} onClick=${() => run(() => page.door.byPasskey())}>${words.door.passkey}</button>
  </div>`;
}
