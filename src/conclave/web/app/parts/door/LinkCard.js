/** What a link in the address brought: to make an account, the first one or an invited one, or a new password. */

import { html } from "../../html.js";
import { words } from "../../words.js";
import { NewAccount } from "./NewAccount.js";
import { NewPassword } from "./NewPassword.js";
import { Wrong } from "../Wrong.js";

/** @import { Page } from "../../page.js" */
/** @import { Link } from "../../door.js" */

/** @param {{page: Page, link: Link}} given */
export function LinkCard({ page, link }) {
  const says = words.door.account;
  const { seen } = link;
  return html`<section class="by-link">
    ${seen === null
      ? html`<p class="meta after-300" role="status">${says.reading}</p>`
      : seen.code !== null
        ? html`<${Wrong} text=${seen.code === "connection_lost" ? words.door.refused({ code: seen.code, message: "", retryAfterMs: null }) : says.notGood} />`
        : link.kind === "reset"
          ? html`<${NewPassword} page=${page} name=${seen.user} />`
          : html`<${NewAccount} page=${page} link=${link} />`}
    <div class="door-ways">
      <button class="link" type="button" onClick=${() => page.door.dropLink()}>${says.dismiss}</button>
    </div>
  </section>`;
}
