/** Addresses that are told what is said: made, tried, paused, with what was given up. */

import { useState } from "../../../vendor/preact-hooks.js";
import { saidOf } from "../../confirming.js";
import { html } from "../../html.js";
import { programs as says } from "../../programwords.js";
import { Field } from "../Field.js";
import { Form } from "../Form.js";
import { Once } from "../Once.js";
import { Letters } from "./Letters.js";

/** @import { Page } from "../../page.js" */
/** @import { Outgoing as Hook, ProgramsApi } from "../../api/programs.js" */
/** @import { Refusal } from "../../../client/requests.js" */

const USUAL = new Set(["message", "message:edited", "message:deleted"]);

/** @param {{page: Page, api: ProgramsApi, room: string | null, hooks: Hook[], again: () => void}} given */
export function Outgoing({ page, api, room, hooks, again }) {
  const [made, setMade] = useState("");
  /** @param {string} secret */
  const onMade = (secret) => {
    setMade(secret);
    again();
  };
  return html`<${room === null ? "h2" : "h3"}>${says.outgoing}<//>
    <p class="meta">${says.outgoingLead}</p>
    ${made !== "" && html`<${Once} label=${says.madeOutgoing} text=${made} />`}
    ${hooks.length === 0 && html`<p class="meta">${says.noOutgoing}</p>`}
    <ul class="rows">${hooks.map((hook) => html`<${Line} key=${hook.id} page=${page} api=${api} hook=${hook} where=${room === null} again=${again} />`)}</ul>
    <${Make} api=${api} room=${room} onMade=${onMade} />`;
}

/** @param {{page: Page, api: ProgramsApi, hook: Hook, where: boolean, again: () => void}} given */
function Line({ page, api, hook, where, again }) {
  const { id, name, room, url, state, fails, delivered, dead } = hook;
  const [said, setSaid] = useState("");
  /** @param {Promise<Refusal | null>} asked */
  const done = async (asked) => {
    const wrong = saidOf(await asked);
    setSaid(wrong);
    again();
    return wrong;
  };
  const test = async () => {
    const { refusal, found } = await api.test(id);
    setSaid(refusal !== null ? saidOf(refusal) : found === "" ? says.taken : says.notTaken(found));
  };
  const revoke = () => page.ask({ title: says.revokeOutAsk(name), lead: says.revokeOutLead, go: says.revoke, cancel: says.cancel, act: () => done(api.revoke("outgoing", id)) });
  const button = (/** @type {string} */ label, /** @type {() => unknown} */ act) => html`<button class="button" type="button" aria-label=${`${label}: ${name}`} onClick=${() => void act()}>${label}</button>`;
  return html`<li class="row report">
    <div>
      <bdi class="row-name">${name}<span class="tag">${state === "on" && fails !== "" ? says.fails(fails) : (says.states.get(state) ?? state)}</span></bdi>
      <p class="meta">${where && html`<bdi>${room ?? says.noRoom}</bdi> · `}${says.told(delivered)} · <bdi dir="ltr">${url}</bdi></p>
      <p class="meta" role="status">${said}</p>
    </div>
    <div class="row-end">
      ${button(says.test, test)} ${state === "on" ? button(says.pause, () => done(api.enable(id, false))) : button(says.resume, () => done(api.enable(id, true)))} ${button(says.revoke, revoke)}
    </div>
    ${dead > 0 && html`<${Letters} page=${page} api=${api} hook=${id} dead=${dead} onChange=${again} />`}
  </li>`;
}

/** @param {{api: ProgramsApi, room: string | null, onMade: (secret: string) => void}} given */
function Make({ api, room, onMade }) {
  /** @param {Map<string, string>} fields @param {HTMLFormElement} form */
  const send = async (fields, form) => {
    const [name = "", url = "", into = ""] = ["hook-out-name", "hook-out-url", "hook-out-room"].map((field) => (fields.get(field) ?? "").trim());
    const kinds = says.kindOf.map(([kind]) => kind).filter((kind) => fields.has(`kind-${kind}`));
    if (name === "") return says.nameMissing;
    if (url === "") return says.addressMissing;
    if (kinds.length === 0) return says.kindMissing;
    const where = room ?? into;
    const { refusal, found } = await api.makeOutgoing({ name, url, kinds, ...(where === "" ? {} : { room: where }) });
    if (refusal !== null) return saidOf(refusal);
    form.reset();
    onMade(found);
    return "";
  };
  return html`<div class="part">
    <${Form} go=${says.makeOutgoing} send=${send} strong=${false} label=${says.outgoing}>
      <div class="fields">
        <${Field} id="hook-out-name" label=${says.name} maxlength="64" autocomplete="off" />
        ${room === null && html`<${Field} id="hook-out-room" label=${says.room} hint=${says.noRoom} maxlength="64" autocomplete="off" />`}
      </div>
      <${Field} id="hook-out-url" label=${says.address} maxlength="2048" autocomplete="off" inputmode="url" placeholder="https://" />
      <fieldset>
        <legend>${says.kinds}</legend>
        ${says.kindOf.map(([kind, said]) => html`<label key=${kind} class="check"><input type="checkbox" name=${`kind-${kind}`} defaultChecked=${USUAL.has(kind)} /><span>${said}</span></label>`)}
      </fieldset>
    <//>
  </div>`;
}
