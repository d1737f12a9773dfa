/** Everything one may do with a message; what one may not is not there. */

import { deedsOf, react } from "../deeds.js";
import { html } from "../html.js";
import { words } from "../words.js";
import { Icon } from "./Icon.js";
import { Popover } from "./Popover.js";

/** @import { Acting, Page } from "../page.js" */

/** So many emoji stand in the menu itself. */
const QUICK = 5;

/** @param {{page: Page, acting: Acting}} given */
export function MessageMenu({ page, acting }) {
  const { entry, beside, inThread } = acting;
  const deeds = deedsOf(page, entry, inThread);
  const quick = words.reactions.common.slice(0, QUICK);
  return html`<${Popover}
    beside=${beside}
    label=${words.actions.of(entry.seq)}
    role="menu"
    class="message-menu"
    onClose=${() => page.act(null)}
    onKeyDown=${(/** @type {KeyboardEvent} */ event) => roam(event)}
  >
    <div class="quick" role="group" aria-label=${words.actions.react}>
      ${quick.map(
        ([emoji, name], n) =>
          html`<button class="emoji" type="button" role="menuitem" data-focus=${n === 0 ? "" : undefined} tabindex="-1" aria-label=${`${words.actions.react}: ${name}`} title=${name} onClick=${() => (page.act(null), react(page, entry, emoji ?? ""))}>
            ${emoji}
          </button>`,
      )}
      <button class="emoji" type="button" role="menuitem" tabindex="-1" aria-label=${words.reactions.more} title=${words.reactions.more} onClick=${() => page.act({ ...acting, what: "emoji" })}>
        <${Icon} name="plus" />
      </button>
    </div>
    ${deeds.map(
      ({ name, key, act }) =>
        html`<button class=${`menu-item deed ${name}`} type="button" role="menuitem" tabindex="-1" aria-keyshortcuts=${key} onClick=${() => (page.act(null), act())}>
          <span>${words.actions[name]}</span><kbd aria-hidden="true">${key}</kbd>
        </button>`,
    )}
  <//>`;
}

/** Arrows, Home and End go from item to item; Tab leaves. @param {KeyboardEvent} event */
function roam(event) {
  const panel = /** @type {HTMLElement} */ (event.currentTarget);
  if (event.key === "Tab") return panel.hidePopover();
  const items = /** @type {HTMLElement[]} */ ([...panel.querySelectorAll("[role=menuitem]")]);
  const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const { length } = items;
  const next = {
    ArrowDown: (at + 1) % length,
    ArrowRight: (at + 1) % length,
    ArrowUp: (at - 1 + length) % length,
    ArrowLeft: (at - 1 + length) % length,
    Home: 0,
    End: length - 1,
  }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  items[next]?.focus();
}
