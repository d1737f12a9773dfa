/** One of a few, in a field of the browser's own. */

import { html } from "../html.js";

/** @param {{id: string, label: string, name?: string, value?: string, options: [string, string][], hint?: string, onChange?: (value: string) => void, focus?: boolean, bare?: boolean}} given   bare: its label is for screen readers alone */
export function Choice({ id, label, name = id, value, options, hint, onChange, focus = false, bare = false }) {
  /** @param {{currentTarget: HTMLSelectElement}} event */
  const chosen = ({ currentTarget }) => onChange?.(currentTarget.value);
  return html`<div class="field">
    <label class=${bare ? "unseen" : undefined} for=${id}>${label}</label>
    <select id=${id} name=${name} data-focus=${focus ? "" : undefined} onChange=${chosen} aria-describedby=${hint === undefined ? undefined : `${id}-hint`}>
      ${options.map(([key, said]) => html`<option key=${key} value=${key} selected=${key === value} defaultSelected=${key === value}>${said}</option>`)}
    </select>
    ${hint !== undefined && html`<p class="meta" id=${`${id}-hint`}>${hint}</p>`}
  </div>`;
}
