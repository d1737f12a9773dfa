/** Slash commands that addresses answer: made for one room, with a secret shown once, revoked. */

import { useState } from "../../../vendor/preact-hooks.js";
import { saidOf } from "../../confirming.js";
import { html } from "../../html.js";
import { programs as says } from "../../programwords.js";
import { words } from "../../words.js";
import { Field } from "../Field.js";
import { Form } from "../Form.js";
import { Once } from "../Once.js";

/** @import { Page } from "../../page.js" */
/** @import { Answering as Hook, ProgramsApi } from "../../api/programs.js" */

/** @param {{page: Page, api: ProgramsApi, room: string | null, hooks: Hook[], again: () => void}} given */
export function Answering({ page, api, room, hooks, again }) {
  const [made, setMade] = useState("");
  /** @param {Map<string, string>} fields @param {HTMLFormElement} form */
  const send = async (fields, form) => {
    const of = (/** @type {string} */ name) => (fields.get(`hook-command-${name}`) ?? "").trim();
    const wanted = { room: room ?? of("room"), command: of("word").replace(/^\//, ""), name: of("name"), url: of("url"), about: of("about"), hint: of("hint") };
    if (wanted.command === "") return says.commandMissing;
    if (wanted.name === "") return says.nameMissing;
    if (wanted.room === "") return says.roomMissing;
    if (wanted.url === "") return says.addressMissing;
    const { refusal, found } = await api.makeCommand(wanted);
    if (refusal !== null) return saidOf(refusal);
    setMade(found);
    form.reset();
    again();
    return "";
  };
  /** @param {Hook} hook */
  const revoke = ({ id, command }) => {
    const act = async () => {
      const refusal = await api.revoke("commands", id);
      again();
      return saidOf(refusal);
    };
    page.ask({ title: says.revokeCommandAsk(`/${command}`), lead: says.revokeCommandLead, go: says.revoke, cancel: says.cancel, act });
  };
  return html`<${room === null ? "h2" : "h3"}>${says.answering}<//>
    <p class="meta">${says.answeringLead}</p>
    ${made !== "" && html`<${Once} label=${says.madeOutgoing} text=${made} />`}
    ${hooks.length === 0 && html`<p class="meta">${says.noAnswering}</p>`}
    <ul class="rows">
      ${hooks.map(
        (hook) =>
          html`<li key=${hook.id} class="row">
            <div>
              <bdi class="row-name"><code>/${hook.command}${hook.hint !== "" && ` ${hook.hint}`}</code></bdi>
              <p class="meta">${room === null && html`<bdi>${hook.room}</bdi> · `}<bdi>${hook.name}</bdi> · <bdi dir="ltr">${hook.url}</bdi></p>
            </div>
            <button class="button" type="button" aria-label=${`${says.revoke}: /${hook.command}`} onClick=${() => revoke(hook)}>${says.revoke}</button>
          </li>`,
      )}
    </ul>
    <div class="part">
      <${Form} go=${says.makeCommand} send=${send} strong=${false} label=${says.answering}>
        <div class="fields">
          <${Field} id="hook-command-word" label=${says.command} maxlength="33" autocomplete="off" />
          <${Field} id="hook-command-name" label=${says.name} maxlength="64" autocomplete="off" />
          ${room === null && html`<${Field} id="hook-command-room" label=${says.room} maxlength="64" autocomplete="off" />`}
          <${Field} id="hook-command-hint" label=${says.hint} note=${words.newRoom.optional} maxlength="100" autocomplete="off" />
        </div>
        <${Field} id="hook-command-about" label=${says.about} note=${words.newRoom.optional} maxlength="200" autocomplete="off" />
        <${Field} id="hook-command-url" label=${says.address} maxlength="2048" autocomplete="off" inputmode="url" placeholder="https://" />
      <//>
    </div>`;
}
