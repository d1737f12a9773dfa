/** The choice of emoji, beside what was pressed: to react with one, or to write one. */

import { react } from "../deeds.js";
import { html } from "../html.js";
import { words } from "../words.js";
import { EmojiBoard } from "./EmojiBoard.js";
import { Popover } from "./Popover.js";

/** @import { Acting, Page } from "../page.js" */

/** @param {{page: Page, acting: Acting}} given */
export function EmojiPicker({ page, acting }) {
  const { entry, beside } = acting;
  const mine = new Set(entry.reactions.filter(({ me }) => me).map(({ emoji }) => emoji));
  /** @param {string} emoji */
  const choose = (emoji) => {
    page.act(null);
    react(page, entry, emoji);
  };
  return html`<${EmojiPopover} page=${page} beside=${beside} label=${words.reactions.title} mine=${mine} onChoose=${choose} onClose=${() => page.act(null)} />`;
}

/** @param {{page: Page, beside: Element, label: string, mine?: Set<string>, onChoose: (emoji: string) => void, onClose: () => void}} given */
export function EmojiPopover({ page, beside, label, mine, onChoose, onClose }) {
  return html`<${Popover} beside=${beside} label=${label} role="dialog" class="emoji-picker" onClose=${onClose}>
    <${EmojiBoard} keeping=${page.keeping} mine=${mine ?? new Set()} onChoose=${onChoose} />
  <//>`;
}
