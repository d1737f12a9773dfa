/** The card at the door: in a demo whom to be, and a field for a token. */

import { useState } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";
import { words } from "../words.js";
import { Icon } from "./Icon.js";
import { linkOf } from "./linkwords.js";

/** @import { Page } from "../page.js" */

/** @param {{page: Page}} given */
export function SignIn({ page }) {
  return html`<main class="door">
    <div class="card">
      <header class="door-head">
        <span class="door-key"><${Icon} name="key" /></span>
        <h1>${words.product}</h1>
        <p>${words.signIn.lead}</p>
      </header>
      ${page.demo.length > 0 && html`<${Demo} page=${page} />`}
      <${TokenForm} page=${page} />
    </div>
  </main>`;
}

/** @param {{page: Page}} given */
function Demo({ page }) {
  return html`<section class="demo">
    <p class="meta">${words.signIn.demo}</p>
    <div class="demo-people">
      ${page.demo.map(
        ({ name, token }) =>
          html`<button class="button strong" type="button" onClick=${() => page.signIn(token)}>
            ${words.signIn.enterAs(name)}
          </button>`,
      )}
    </div>
    <p class="or"><span>${words.signIn.or}</span></p>
  </section>`;
}

/** @param {{page: Page}} given */
function TokenForm({ page }) {
  const [token, setToken] = useState(page.tokenTyped);
  const [shown, setShown] = useState(false);
  const [missing, setMissing] = useState(false);
  const error = missing ? words.signIn.empty : refusalOf(page);
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    setMissing(token.trim() === "");
    if (token.trim() !== "") page.signIn(token.trim());
  };
  /** @param {{currentTarget: HTMLInputElement}} event */
  const typed = ({ currentTarget }) => setToken(currentTarget.value);
  return html`<form class="token" onSubmit=${submit} novalidate>
    <label for="token">${words.signIn.token}</label>
    <div class="field-row">
      <input
        id="token"
        name="token"
        type=${shown ? "text" : "password"}
        value=${token}
        onInput=${typed}
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        aria-invalid=${error === "" ? undefined : "true"}
        aria-describedby=${error === "" ? "token-hint" : "token-error token-hint"}
      />
      <button class="button" type="button" aria-pressed=${shown} onClick=${() => setShown(!shown)}>
        ${shown ? words.signIn.hide : words.signIn.show}
      </button>
    </div>
    ${error !== "" && html`<p class="error" id="token-error" role="alert"><${Icon} name="warning" />${error}</p>`}
    <p class="meta" id="token-hint">${words.signIn.hint}</p>
    <button class="button ${page.demo.length > 0 ? "" : "strong"}" type="submit">${words.signIn.go}</button>
    <p class="door-link meta" role="status">${linkOf(page, page.now).door}</p>
  </form>`;
}

/** @param {Page} page */
function refusalOf({ client }) {
  const { state } = client;
  if (state.name !== "stopped") return "";
  if (state.why === "auth_failed") return words.signIn.refused;
  return state.why === "token_expired" ? words.signIn.expired : words.signIn.closed;
}
