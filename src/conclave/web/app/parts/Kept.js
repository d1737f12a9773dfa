/** What one had written to a room that one is no longer in: it is not lost, and can be copied. */

import { useState } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";
import { words } from "../words.js";

/** @import { Page } from "../page.js" */

/** @param {{page: Page, room: string}} given */
export function Kept({ page, room }) {
  const { standing } = words;
  const draft = page.writing.textOf({ room, thread: null });
  const unsent = page.client.outbox.of(room).map(({ text }) => text);
  const texts = [...unsent, draft].filter((text) => text !== "");
  const [said, setSaid] = useState("");
  if (texts.length === 0) return null;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(texts.join("\n\n"));
      setSaid(standing.copied);
    } catch {
      setSaid(words.once.notCopied);
    }
  };
  return html`<section class="kept" aria-label=${standing.draft}>
    <p class="meta">${standing.draft}</p>
    ${texts.map((text, n) => html`<blockquote key=${n} class="asked" dir="auto" tabindex="0">${text}</blockquote>`)}
    <button class="button" type="button" onClick=${copy}>${standing.copy}</button>
    <p class="meta" role="status">${said}</p>
  </section>`;
}
