/** Links that are good, without their secrets: what each is for, and a way to take it back. */

import { html } from "../html.js";
import { shortTime } from "../times.js";
import { words } from "../words.js";

/** @import { Page } from "../page.js" */
/** @import { Link } from "../../client/answers.js" */

/** @param {{page: Page, links: Link[], revoke: (id: string) => Promise<string>, none: string, tagOf?: (link: Link) => string}} given */
export function LinkList({ page, links, revoke, none, tagOf = () => "" }) {
  const says = words.invite;
  if (links.length === 0) return html`<p class="meta">${none}</p>`;
  const ask = (/** @type {Link} */ { id }) =>
    page.ask({ title: says.revokeAsk, lead: says.revokeLead, go: says.revoke, cancel: words.against.cancel, act: () => revoke(id) });
  return html`<ul class="rows">
    ${links.map((link) => {
      const { id, name, usesLeft, uses, expiresAt } = link;
      const until = expiresAt === null ? says.forEver : says.until(shortTime(expiresAt, page.serverNow));
      const called = name || says.unnamed;
      return html`<li key=${id} class="row">
        <div>
          <bdi class="row-name">${called}${tagOf(link) !== "" && html`<span class="tag">${tagOf(link)}</span>`}</bdi>
          <p class="meta">${says.left(usesLeft, uses)} · ${until}</p>
        </div>
        <button class="button" type="button" aria-label=${`${says.revoke}: ${called}`} onClick=${() => ask(link)}>${says.revoke}</button>
      </li>`;
    })}
  </ul>`;
}
