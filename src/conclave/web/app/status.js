/** How one is, as others see it; set from the menu by one's name, or in one's profile. */

import { isNow } from "../client/hearing.js";
import { asks } from "./asks.js";
import { words } from "./words.js";

/** @import { Page } from "./page.js" */

/** Be *status* from now on, on all devices: what went wrong, "" if nothing. @param {Page} page @param {string} status */
export async function setStatus(page, status) {
  const { refusal } = await asks(page, (client, done) => client.ask("presence:set", { status }, done));
  if (refusal === null) isNow(page.client, page.of, status);
  page.changed();
  return refusal === null ? "" : words.account.refused(refusal.code);
}
