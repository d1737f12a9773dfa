/** A secret that is shown this once: as text to select, with a button that copies it. */

import { useState } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";
import { words } from "../words.js";

/** @param {{label: string, text: string, hint?: string}} given */
export function Once({ label, text, hint }) {
  const [said, setSaid] = useState("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid(words.once.copied);
    } catch {
      setSaid(words.once.notCopied);
    }
  };
  return html`<div class="once" role="group" aria-label=${label}>
    <p class="once-label">${label}</p>
    <pre class="secret" tabindex="0" aria-label=${label} dir="ltr">${text}</pre>
    <div class="once-end">
      <p class="meta">${hint ?? words.once.hint}</p>
      <button class="button" type="button" onClick=${copy}>${words.once.copy}</button>
    </div>
    <p class="meta" role="status">${said}</p>
  </div>`;
}
