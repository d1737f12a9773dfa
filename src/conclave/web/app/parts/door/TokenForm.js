/** The way in with a token: what was typed stays when it is refused. */

import { useState } from "../../../vendor/preact-hooks.js";
import { html } from "../../html.js";
import { words } from "../../words.js";
import { Field } from "../Field.js";
import { endOf } from "./ended.js";

/** @import { Page } from "../../page.js" */

/** @param {{page: Page}} given */
export function TokenForm({ page }) {
  const { door } = page;
  const [token, setToken] = useState(door.tokenTyped);
  const [missing, setMissing] = useState(false);
  const error = missing ? words.signIn.empty : endOf(page);
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    setMissing(token.trim() === "");
    if (token.trim() !== "") door.signIn(token.trim());
  };
  /** @param {{currentTarget: HTMLInputElement}} event */
  const typed = ({ currentTarget }) => setToken(currentTarget.value);
  return html`<form class="token" onSubmit=${submit} novalidate>
    <${Field} id="token" label=${words.signIn.token} type="password" value=${token} onInput=${typed} autocomplete="off" error=${error} hint=${words.signIn.hint} />
    <button class="button ${page.demo.length > 0 ? "" : "strong"}" type="submit">${words.signIn.go}</button>
  </form>`;
}
