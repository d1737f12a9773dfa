/** Everything one may do with a message; what one may not is not there. */

import { deedsOf, react } from "../deeds.js";
import { html } from "../html.js";
import { may } from "../rights.js";
import { words } from "../words.js";
import { Icon } from "./Icon.js";
import { Popover } from "./Popover.js";
import { roam } from "./roam.js";

/** @import { Acting, Page } from "../page.js" */

/** So many emoji stand in the menu itself. */
const QUICK = 5;

/** @param {{page: Page, acting: Acting}} given */
export function MessageMenu({ page, acting }) {
  const { entry, beside, inThread } = acting;
  const deeds = deedsOf(page, entry, inThread, beside);
  const quick = words.reactions.common.slice(0, QUICK);
  return html`<${Popover}
    beside=${beside}
    label=${words.actions.of(entry.seq)}
    role="menu"
    class="message-menu"
    onClose=${() => page.act(null)}
    onKeyDown=${roam}
  >
    ${may(page.infoOf(entry.room), "react") && html`<div class="quick" role="group" aria-label=${words.actions.react}>
      ${quick.map(
        ([emoji, name], n) =>
          html`<button class="emoji" type="button" role="menuitem" data-focus=${n === 0 ? "" : undefined} tabindex="-1" aria-label=${`${words.actions.react}: ${name}`} title=${name} onClick=${() => (page.act(null), react(page, entry, emoji ?? ""))}>
            ${emoji}
          </button>`,
      )}
      <button class="emoji" type="button" role="menuitem" tabindex="-1" aria-label=${words.reactions.more} title=${words.reactions.more} onClick=${() => page.act({ ...acting, what: "emoji" })}>
        <${Icon} name="plus" />
      </button>
    </div>`}
    ${deeds.map(
      ({ name, key, act }, n) =>
        html`<button class=${`menu-item deed ${name}`} type="button" role="menuitem" tabindex="-1" data-focus=${n === 0 ? "" : undefined} aria-keyshortcuts=${key} onClick=${() => (page.act(null), act())}>
          <span>${words.actions[name]}</span><kbd aria-hidden="true">${key}</kbd>
        </button>`,
    )}
  <//>`;
}
