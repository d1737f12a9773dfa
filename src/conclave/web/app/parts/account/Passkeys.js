/** One's passkeys: made by the browser, named, listed with their last use, removed. */

import { confirmed } from "../../confirming.js";
import { html } from "../../html.js";
import { hasPasskeys } from "../../door.js";
import { makePasskey } from "../../passkeys.js";
import { shortTime } from "../../times.js";
import { words } from "../../words.js";
import { useFound } from "../asking.js";
import { Field } from "../Field.js";
import { Form } from "../Form.js";
import { Wrong } from "../Wrong.js";

/** @import { Page } from "../../page.js" */
/** @import { Passkey } from "../../api/own.js" */

/** @param {{page: Page, onChanged: (codes: string[]) => void}} given */
export function Passkeys({ page, onChanged }) {
  const says = words.account;
  const { found, refused, again } = useFound(() => page.own.passkeys(), [page]);
  /** @param {string[]} codes */
  const changed = (codes) => {
    again();
    onChanged(codes);
  };
  /** @param {Passkey} passkey */
  const remove = ({ id, name }) =>
    page.ask({
      title: says.removePasskeyAsk(name),
      lead: says.removePasskeyLead,
      go: says.remove,
      cancel: says.cancel,
      act: () =>
        confirmed(page, async (password) => {
          const refusal = await page.own.removePasskey(id, password);
          if (refusal === null) changed([]);
          return refusal;
        }),
    });
  return html`<h3>${says.passkeys}</h3>
    <p class="meta">${says.passkeysLead}</p>
    ${refused !== null && html`<${Wrong} text=${says.unread(refused)} />`}
    ${found?.length === 0 && html`<p class="meta">${says.noPasskeys}</p>`}
    <ul class="rows">${(found ?? []).map((passkey) => html`<${Line} key=${passkey.id} page=${page} passkey=${passkey} onRemove=${() => remove(passkey)} />`)}</ul>
    ${hasPasskeys() ? html`<${Add} page=${page} onAdded=${changed} />` : html`<p class="meta">${words.door.noPasskeys}</p>`}`;
}

/** @param {{page: Page, passkey: Passkey, onRemove: () => void}} given */
function Line({ page, passkey, onRemove }) {
  const says = words.account;
  const { name, usedAt, createdAt } = passkey;
  const when = usedAt === null ? says.since(shortTime(createdAt, page.serverNow)) : says.used(shortTime(usedAt, page.serverNow));
  return html`<li class="row">
    <div><bdi class="row-name">${name}</bdi><p class="meta">${when}</p></div>
    <button class="button" type="button" aria-label=${`${says.remove} ${name}`} onClick=${onRemove}>${says.remove}</button>
  </li>`;
}

/** @param {{page: Page, onAdded: (codes: string[]) => void}} given */
function Add({ page, onAdded }) {
  const says = words.account;
  /** @param {Map<string, string>} fields @param {HTMLFormElement} form */
  const send = async (fields, form) => {
    const name = (fields.get("passkey-name") ?? "").trim() || says.passkeys;
    let stopped = false;
    const wrong = await confirmed(page, async (password) => {
      const asked = await page.own.askPasskey(password);
      if (asked.refusal !== null) return asked.refusal;
      const passkey = await makePasskey(asked.found);
      stopped = passkey === null;
      if (passkey === null) return null;
      const { refusal, found: codes } = await page.own.addPasskey(name, passkey);
      if (refusal === null) {
        form.reset();
        onAdded(codes);
      }
      return refusal;
    });
    return stopped ? says.passkeyStopped : wrong;
  };
  return html`<${Form} go=${says.addPasskey} send=${send} strong=${false}>
    <${Field} id="passkey-name" label=${says.passkeyName} note=${words.newRoom.optional} maxlength="64" autocomplete="off" hint=${says.passkeyHint} />
  <//>`;
}
