/** What is done to a message just now, above everything: the menu, or the choice of emoji. */

import { html } from "../html.js";
import { lazy } from "../lazy.js";
import { MessageMenu } from "./MessageMenu.js";

/** @import { Page } from "../page.js" */

const EmojiPicker = lazy(async () => (await import("./EmojiPicker.js")).EmojiPicker);

/** @param {{page: Page}} given */
export function Acts({ page }) {
  const { acting } = page;
  if (acting === null) return null;
  const { seq } = acting.entry;
  return acting.what === "menu"
    ? html`<${MessageMenu} key=${seq} page=${page} acting=${acting} />`
    : html`<${EmojiPicker} key=${seq} page=${page} acting=${acting} />`;
}
