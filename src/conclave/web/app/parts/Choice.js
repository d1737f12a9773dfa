/** One of a few, in a field of the browser's own. */

import { html } from "../html.js";

/** @param {{id: string, label: string, name?: string, value?: string, options: [string, string][], hint?: string, onChange?: (value: string) => void, focus?: boolean}} given */
export function Choice({ id, label, name = id, value, options, hint, onChange, focus = false }) {
  /** @param {{currentTarget: HTMLSelectElement}} event */
  const chosen = ({ currentTarget }) => onChange?.(currentTarget.value);
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <select id=${id} name=${name} data-focus=${focus ? "" : undefined} onChange=${chosen} aria-describedby=${hint === undefined ? undefined : `${id}-hint`}>
      ${options.map(([key, said]) => html`<option key=${key} value=${key} selected=${key === value} defaultSelected=${key === value}>${said}</option>`)}
    </select>
    ${hint !== undefined && html`<p class="meta" id=${`${id}-hint`}>${hint}</p>`}
  </div>`;
}
