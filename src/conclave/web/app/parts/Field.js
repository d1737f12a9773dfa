/** One field of a form, with its label, its hint and what is wrong with it. */

import { useState } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";
import { words } from "../words.js";
import { Wrong } from "./Wrong.js";

/** @import { ComponentChildren } from "../../vendor/preact.js" */
/**
 * @typedef {object} Given   what else is given goes to the input
 * @property {string} id
 * @property {string} label
 * @property {string} [name]    what it is called in the form; the id by default
 * @property {string} [note]    beside the label, such as «optional»
 * @property {ComponentChildren} [hint]
 * @property {string} [error]
 * @property {"text" | "password" | "number" | "search"} [type]
 * @property {boolean} [focus]  the dialog begins here
 */

/** @param {Given & Record<string, unknown>} given */
export function Field({ id, label, name = id, note, hint, error = "", type = "text", focus = false, ...more }) {
  const secret = type === "password";
  const [shown, setShown] = useState(false);
  const described = [error !== "" && `${id}-error`, hint !== undefined && `${id}-hint`].filter((part) => part !== false);
  const input = html`<input
    id=${id}
    name=${name}
    type=${secret && shown ? "text" : type}
    data-focus=${focus ? "" : undefined}
    dir="auto"
    autocapitalize="off"
    spellcheck="false"
    aria-invalid=${error === "" ? undefined : "true"}
    aria-describedby=${described.length > 0 ? described.join(" ") : undefined}
    ...${more}
  />`;
  return html`<div class="field">
    <label for=${id}>${label}${note !== undefined && html` <span class="meta">${note}</span>`}</label>
    ${secret
      ? html`<div class="field-row">
          ${input}
          <button class="button" type="button" aria-pressed=${shown} aria-label=${`${words.signIn.show} ${label}`} onClick=${() => setShown(!shown)}>
            ${shown ? words.signIn.hide : words.signIn.show}
          </button>
        </div>`
      : input}
    ${error !== "" && html`<${Wrong} id=${`${id}-error`} text=${error} />`}
    ${hint !== undefined && html`<p class="meta" id=${`${id}-hint`}>${hint}</p>`}
  </div>`;
}
