/** Fields and the button that sends them: one request at a time, and what was refused stays. */

import { html } from "../html.js";
import { useAsking } from "./asking.js";
import { Wrong } from "./Wrong.js";

/** @import { ComponentChildren } from "../../vendor/preact.js" */
/** @typedef {(fields: Map<string, string>, form: HTMLFormElement) => Promise<string> | string} Send   returns what went wrong, "" if nothing */

/** @param {{go: string, send: Send, cancel?: string, onCancel?: () => void, danger?: boolean, strong?: boolean, label?: string, children?: ComponentChildren}} given */
export function Form({ go, send, cancel, onCancel, danger = false, strong = true, label, children }) {
  const { busy, error, run } = useAsking();
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.currentTarget);
    run(async () => send(fieldsOf(form), form));
  };
  return html`<form class="form" onSubmit=${submit} novalidate aria-label=${label}>
    ${children}
    ${error !== "" && html`<${Wrong} text=${error} />`}
    <div class="form-end">
      ${cancel !== undefined && html`<button class="button" type="button" onClick=${onCancel}>${cancel}</button>`}
      <button class=${`button ${danger ? "danger" : strong ? "strong" : ""}`} type="submit" aria-busy=${busy}>${go}</button>
    </div>
  </form>`;
}

/** @param {HTMLFormElement} form @returns {Map<string, string>} */
function fieldsOf(form) {
  const pairs = [...new FormData(form)].filter(([, value]) => typeof value === "string");
  return new Map(/** @type {[string, string][]} */ (pairs));
}
