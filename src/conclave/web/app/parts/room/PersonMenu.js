/** Who somebody is, and what one may do with them; what one may not is not there. */

import { asks } from "../../asks.js";
import { html } from "../../html.js";
import { personDeedsOf } from "../../persondeeds.js";
import { words } from "../../words.js";
import { useFound } from "../asking.js";
import { Popover } from "../Popover.js";
import { roam } from "../roam.js";

/** @import { Met, Page } from "../../page.js" */

/** @param {{page: Page, met: Met}} given */
export function PersonMenu({ page, met }) {
  const deeds = personDeedsOf(page, met);
  const { found } = useFound(() => asks(page, (client, done) => client.questions.profile(met.id, done)), [page, met.id]);
  return html`<${Popover} beside=${met.beside} label=${words.person.menu(met.name)} role="dialog" class="message-menu person-menu" onClose=${() => page.meet(null)}>
    <div class="menu-name">
      <bdi>${found?.displayName || met.name}</bdi>
      <p class="meta"><bdi>${met.id}</bdi>${found !== null && html` · ${words.aside.statusOf(found.status)}`}</p>
      ${found !== null && found.about !== "" && html`<p class="meta" dir="auto">${found.about}</p>`}
    </div>
    <div role="menu" aria-label=${words.person.menu(met.name)} onKeyDown=${roam}>
      ${deeds.map(
        ({ name, said, danger, act }, n) =>
          html`<button key=${name} class=${`menu-item deed ${danger ? "delete" : ""}`} type="button" role="menuitem" tabindex="-1" data-focus=${n === 0 ? "" : undefined} onClick=${() => (page.meet(null), act())}>
            <span>${said}</span>
          </button>`,
      )}
    </div>
  <//>`;
}
