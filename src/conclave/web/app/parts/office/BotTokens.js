/** The tokens of one bot: made for some things and some rooms, shown once, revoked. */

import { useState } from "../../../vendor/preact-hooks.js";
import { saidOf, surely } from "../../confirming.js";
import { html } from "../../html.js";
import { programs as says } from "../../programwords.js";
import { dateOnly, shortTime } from "../../times.js";
import { words } from "../../words.js";
import { useFound } from "../asking.js";
import { Choice } from "../Choice.js";
import { Field } from "../Field.js";
import { Form } from "../Form.js";
import { Once } from "../Once.js";
import { Wrong } from "../Wrong.js";

/** @import { Page } from "../../page.js" */
/** @import { BotToken, ProgramsApi } from "../../api/programs.js" */

const USUAL = new Set(["history:read", "messages:write"]);

/** @param {{page: Page, api: ProgramsApi, bot: string}} given */
export function BotTokens({ page, api, bot }) {
  const { account } = words;
  const { found, refused, again } = useFound(() => api.tokens(bot), [page, bot]);
  const [made, setMade] = useState("");
  if (refused !== null) return html`<${Wrong} text=${words.office.unread(refused)} />`;
  /** @param {BotToken} token */
  const revoke = ({ id, name }) => {
    const act = async () => {
      const refusal = await api.revokeToken(bot, id);
      again();
      return saidOf(refusal);
    };
    page.ask({ title: account.revokeAsk(name), lead: account.revokeLead, go: account.revoke, cancel: says.cancel, act });
  };
  /** @param {Map<string, string>} fields @param {HTMLFormElement} form */
  const send = async (fields, form) => {
    const name = (fields.get(`${bot}-token`) ?? "").trim();
    const scopes = says.scopeOf.map(([scope]) => scope).filter((scope) => fields.has(`scope-${scope}`));
    const rooms = (fields.get(`${bot}-rooms`) ?? "").split(",").map((room) => room.trim()).filter((room) => room !== "");
    const days = fields.get(`${bot}-days`) ?? "";
    if (name === "") return account.tokenNameMissing;
    if (scopes.length === 0) return says.noScope;
    return surely(page, async () => {
      const { refusal, found: token } = await api.makeToken(bot, { name, scopes, rooms: rooms.length === 0 ? null : rooms, days: days === "" ? null : Number(days) });
      if (refusal === null) {
        form.reset();
        setMade(token);
        again();
      }
      return refusal;
    });
  };
  return html`${made !== "" && html`<${Once} label=${account.madeToken} text=${made} />`}
    ${found?.length === 0 && html`<p class="meta">${says.noTokens}</p>`}
    <ul class="rows">
      ${(found ?? []).map(
        (token) =>
          html`<li key=${token.id} class="row">
            <div>
              <bdi class="row-name">${token.name || token.id}</bdi>
              <p class="meta">${token.usedAt === null ? says.neverUsed : says.lastUsed(shortTime(token.usedAt, page.serverNow))} · ${token.expiresAt === null ? account.forEver : account.until(dateOnly(token.expiresAt))}</p>
            </div>
            <button class="button" type="button" aria-label=${`${account.revoke} ${token.name || token.id}`} onClick=${() => revoke(token)}>${account.revoke}</button>
          </li>`,
      )}
    </ul>
    <div class="part"><${Form} go=${account.makeToken} send=${send} strong=${false} label=${account.makeToken}>
      <div class="fields">
        <${Field} id=${`${bot}-token`} label=${account.tokenName} maxlength="64" autocomplete="off" />
        <${Choice} id=${`${bot}-days`} label=${account.tokenDays} value="90" options=${account.tokenDaysChoices} />
      </div>
      <${Field} id=${`${bot}-rooms`} label=${says.rooms} hint=${says.roomsHint} autocomplete="off" />
      <fieldset>
        <legend>${says.scopes}</legend>
        ${says.scopeOf.map(([scope, said]) => html`<label key=${scope} class="check"><input type="checkbox" name=${`scope-${scope}`} defaultChecked=${USUAL.has(scope)} /><span>${said}</span></label>`)}
      </fieldset>
    <//></div>`;
}
