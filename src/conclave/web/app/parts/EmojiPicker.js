/** A small choice of emoji, and a field for any other. */

import { useState } from "../../vendor/preact-hooks.js";
import { react } from "../deeds.js";
import { html } from "../html.js";
import { words } from "../words.js";
import { Popover } from "./Popover.js";

/** @import { Acting, Page } from "../page.js" */

/** @param {{page: Page, acting: Acting}} given */
export function EmojiPicker({ page, acting }) {
  const { entry, beside } = acting;
  const [other, setOther] = useState("");
  /** @param {string} emoji */
  const choose = (emoji) => {
    page.act(null);
    react(page, entry, emoji);
  };
  const mine = new Set(entry.reactions.filter(({ me }) => me).map(({ emoji }) => emoji));
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    if (other.trim() !== "") choose(other.trim());
  };
  return html`<${Popover} beside=${beside} label=${words.reactions.title} role="dialog" class="emoji-picker" onClose=${() => page.act(null)}>
    <div class="emoji-grid">
      ${words.reactions.common.map(
        ([emoji = "", name], n) =>
          html`<button class="emoji" type="button" data-focus=${n === 0 ? "" : undefined} aria-label=${name} title=${name} aria-pressed=${mine.has(emoji)} onClick=${() => choose(emoji)}>
            ${emoji}
          </button>`,
      )}
    </div>
    <form class="field-row" onSubmit=${submit}>
      <input
        aria-label=${words.reactions.more}
        placeholder=${words.reactions.more}
        dir="auto"
        maxlength="32"
        autocomplete="off"
        value=${other}
        onInput=${(/** @type {{currentTarget: HTMLInputElement}} */ { currentTarget }) => setOther(currentTarget.value)}
      />
      <button class="button" type="submit">${words.reactions.use}</button>
    </form>
  <//>`;
}
