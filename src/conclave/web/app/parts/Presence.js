/** How one is, beside one's name: a shape for each, and a menu to be otherwise. */

import { html } from "../html.js";
import { setStatus } from "../status.js";
import { words } from "../words.js";
import { Menu } from "./Menu.js";

/** @import { Page } from "../page.js" */

/** @param {{page: Page}} given */
export function Presence({ page }) {
  const says = words.account;
  const { status } = page.client;
  const [, said = ""] = says.statuses.find(([name]) => name === status) ?? [];
  /** @param {string} wanted */
  const choose = async (wanted) => {
    const wrong = await setStatus(page, wanted);
    if (wrong !== "") page.say(wrong);
  };
  return html`<${Menu} label=${`${says.status}: ${said}`} icon=${`is-${status}`} class="presence-menu">
    ${says.statuses.map(
      ([name, label]) =>
        html`<button key=${name} class="menu-item" type="button" aria-pressed=${name === status} onClick=${() => choose(name)}>${label}</button>`,
    )}
  <//>`;
}
