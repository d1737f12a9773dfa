/** Making one's account, the first of the server or by an invitation. */

import { html } from "../../html.js";
import { words } from "../../words.js";
import { useAsking } from "../asking.js";
import { Field } from "../Field.js";
import { Wrong } from "../Wrong.js";

/** @import { Page } from "../../page.js" */
/** @import { Link } from "../../door.js" */

/** @param {{page: Page, link: Link}} given */
export function NewAccount({ page, link }) {
  const { busy, error, run } = useAsking();
  const says = words.door.account;
  const room = link.seen?.room ?? "";
  const lead = link.kind === "setup" ? says.setup : room === "" ? says.invite : says.inviteRoom(room);
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    const [name, shown, password] = ["username", "display-name", "new-password"].map((field) => String(form.get(field)));
    const account = { name: (name ?? "").trim(), password: password ?? "" };
    const named = (shown ?? "").trim();
    run(async () => {
      if (account.name === "" || account.password === "") return says.missing;
      const wrong = await page.door.accept(named === "" ? account : { ...account, display_name: named });
      if (wrong === "" && room !== "") page.goTo(room);
      return wrong;
    });
  };
  return html`<form class="token" onSubmit=${submit} novalidate>
    <h2 class="serif by-link-lead" dir="auto">${lead}</h2>
    ${link.kind === "setup" && html`<p class="meta by-link-hint">${says.setupHint}</p>`}
    <${Field} id="username" label=${says.name} autocomplete="username" maxlength="32" hint=${says.nameHint} />
    <${Field} id="display-name" label=${says.shown} note=${words.newRoom.optional} autocomplete="name" maxlength="64" />
    <${Field} id="new-password" label=${says.password} type="password" autocomplete="new-password" maxlength="1024" hint=${says.passwordHint} />
    ${error !== "" && html`<${Wrong} text=${error} />`}
    <button class="button strong" type="submit" aria-busy=${busy}>${says.go}</button>
  </form>`;
}
