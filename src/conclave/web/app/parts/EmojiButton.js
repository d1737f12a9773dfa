/** Beside the field: a choice of emoji, which puts one where one was writing. */

import { useState } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";
import { lazy } from "../lazy.js";
import { words } from "../words.js";
import { apply } from "./edits.js";
import { Icon } from "./Icon.js";

/** @import { Page } from "../page.js" */

const EmojiPopover = lazy(async () => (await import("./EmojiPicker.js")).EmojiPopover);

/** @param {{page: Page, field: {current: HTMLTextAreaElement | null}}} given */
export function EmojiButton({ page, field }) {
  const [beside, setBeside] = useState(/** @type {Element | null} */ (null));
  /** @param {string} emoji */
  const put = (emoji) => {
    const { current } = field;
    setBeside(null);
    if (current === null) return;
    const { selectionStart: from, selectionEnd: to } = current;
    apply(current, { from, to, text: emoji, start: from + emoji.length, end: from + emoji.length });
  };
  /** @param {{currentTarget: Element}} event */
  const open = ({ currentTarget }) => setBeside(beside === null ? currentTarget : null);
  return html`<button class="icon-button" type="button" aria-label=${words.emoji.insert} title=${words.emoji.insert} aria-haspopup="dialog" aria-expanded=${beside !== null} onClick=${open}>
      <${Icon} name="smile" />
    </button>
    ${beside !== null && html`<${EmojiPopover} page=${page} beside=${beside} label=${words.emoji.title} onChoose=${put} onClose=${() => setBeside(null)} />`}`;
}
