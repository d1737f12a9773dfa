/** By which other systems one's account may be entered: linked and taken back by its owner alone. */

import { confirmed, saidOf } from "../../confirming.js";
import { html } from "../../html.js";
import { providers } from "../../providerwords.js";
import { goesToLink } from "../../returning.js";
import { shortTime } from "../../times.js";
import { words } from "../../words.js";
import { useAsking, useFound } from "../asking.js";
import { Wrong } from "../Wrong.js";

/** @import { Page } from "../../page.js" */
/** @import { LinkedProvider } from "../../api/own.js" */

/** @param {{page: Page}} given */
export function Linked({ page }) {
  const says = words.account;
  const { found, refused, again } = useFound(() => page.own.providers(), [page]);
  const { error, run } = useAsking();
  const wrong = error || page.door.notByProvider;
  /** @param {string} id */
  const link = (id) =>
    run(() =>
      confirmed(page, async (password) => {
        const { refusal, url } = await page.own.link(id, password);
        if (refusal !== null) return refusal;
        goesToLink(page.window.sessionStorage, id);
        page.door.ways.goOn(url);
        return null;
      }),
    );
  /** @param {LinkedProvider} provider */
  const unlink = ({ id, name }) =>
    page.ask({
      title: providers.unlinkAsk(name),
      lead: "",
      go: says.remove,
      cancel: says.cancel,
      act: async () => {
        const refusal = await page.own.unlink(id);
        if (refusal === null) again();
        return refusal?.code === "forbidden" ? providers.lastWayIn : saidOf(refusal);
      },
    });
  return html`<h3>${providers.linked}</h3>
    <p class="meta">${providers.linkedLead}</p>
    ${refused !== null && html`<${Wrong} text=${says.unread(refused)} />`}
    ${wrong !== "" && html`<${Wrong} text=${wrong} />`}
    <ul class="rows">${(found ?? []).map((one) => html`<${Line} key=${one.id} page=${page} provider=${one} onLink=${() => link(one.id)} onUnlink=${() => unlink(one)} />`)}</ul>`;
}

/** @param {{page: Page, provider: LinkedProvider, onLink: () => void, onUnlink: () => void}} given */
function Line({ page, provider, onLink, onUnlink }) {
  const says = words.account;
  const { name, linkedAt } = provider;
  return html`<li class="row">
    <div><bdi class="row-name">${name}</bdi>${linkedAt !== null && html`<p class="meta">${says.since(shortTime(linkedAt, page.serverNow))}</p>`}</div>
    ${
      linkedAt === null
        ? html`<button class="button" type="button" aria-label=${providers.linkWith(name)} onClick=${onLink}>${providers.link}</button>`
        : html`<button class="button" type="button" aria-label=${`${says.remove} ${name}`} onClick=${onUnlink}>${says.remove}</button>`
    }
  </li>`;
}
