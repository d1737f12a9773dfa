/** Tokens for programs: made with scopes and an end, shown once, listed with their last use, revoked. */

import { useState } from "../../../vendor/preact-hooks.js";
import { confirmed, saidOf } from "../../confirming.js";
import { html } from "../../html.js";
import { dateOnly, shortTime } from "../../times.js";
import { words } from "../../words.js";
import { useFound } from "../asking.js";
import { Choice } from "../Choice.js";
import { Field } from "../Field.js";
import { Form } from "../Form.js";
import { Once } from "../Once.js";
import { Wrong } from "../Wrong.js";

/** @import { Page } from "../../page.js" */
/** @import { Token } from "../../api/own.js" */

/** @param {{page: Page}} given */
export function Tokens({ page }) {
  const says = words.account;
  const { found, refused, again } = useFound(() => page.own.tokens(), [page]);
  const [made, setMade] = useState("");
  if (refused !== null) return html`<${Wrong} text=${says.unread(refused)} />`;
  /** @param {Token} token */
  const revoke = ({ id, name }) => {
    const act = async () => {
      const refusal = await page.own.revokeToken(id);
      again();
      return saidOf(refusal);
    };
    page.ask({ title: says.revokeAsk(name), lead: says.revokeLead, go: says.revoke, cancel: says.cancel, act });
  };
  /** @param {string} token */
  const onMade = (token) => {
    setMade(token);
    again();
  };
  return html`<p class="meta">${says.tokensLead}</p>
    ${made !== "" && html`<${Once} label=${says.madeToken} text=${made} />`}
    ${found?.length === 0 && html`<p class="meta">${says.noTokens}</p>`}
    <ul class="rows">${(found ?? []).map((token) => html`<${Line} key=${token.id} page=${page} token=${token} onRevoke=${() => revoke(token)} />`)}</ul>
    <${Make} page=${page} onMade=${onMade} />`;
}

/** @param {{page: Page, token: Token, onRevoke: () => void}} given */
function Line({ page, token, onRevoke }) {
  const says = words.account;
  const { name, scopes, usedAt, expiresAt } = token;
  const used = usedAt === null ? says.neverUsed : says.used(shortTime(usedAt, page.serverNow));
  const until = expiresAt === null ? says.forEver : says.until(dateOnly(expiresAt));
  return html`<li class="row">
    <div>
      <bdi class="row-name">${name}</bdi>
      <p class="meta">${says.scopesOf(scopes)} · ${used} · ${until}</p>
    </div>
    <button class="button" type="button" aria-label=${`${says.revoke} ${name}`} onClick=${onRevoke}>${says.revoke}</button>
  </li>`;
}

/** @param {{page: Page, onMade: (token: string) => void}} given */
function Make({ page, onMade }) {
  const says = words.account;
  const admin = page.client.me?.role === "admin";
  const choices = says.scopeChoices.filter(([scope]) => admin || scope !== "admin");
  /** @param {Map<string, string>} fields @param {HTMLFormElement} form */
  const send = async (fields, form) => {
    const name = (fields.get("token-name") ?? "").trim();
    const scopes = choices.map(([scope]) => scope).filter((scope) => fields.has(`scope-${scope}`));
    const days = fields.get("token-days") ?? "";
    if (name === "") return says.tokenNameMissing;
    if (scopes.length === 0) return says.noScope;
    return confirmed(page, async (password) => {
      const { refusal, found } = await page.own.makeToken({ name, scopes, days: days === "" ? null : Number(days), password });
      if (refusal === null) {
        form.reset();
        onMade(found);
      }
      return refusal;
    });
  };
  return html`<div class="part">
    <${Form} go=${says.makeToken} send=${send} strong=${false}>
      <${Field} id="token-name" label=${says.tokenName} maxlength="64" autocomplete="off" />
      <${Choice} id="token-days" label=${says.tokenDays} value="90" options=${says.tokenDaysChoices} />
      <fieldset>
        <legend>${says.scopes}</legend>
        ${choices.map(
          ([scope, said]) =>
            html`<label key=${scope} class="check"><input type="checkbox" name=${`scope-${scope}`} defaultChecked=${scope === "read" || scope === "write"} /><span>${said}</span></label>`,
        )}
      </fieldset>
    <//>
  </div>`;
}
