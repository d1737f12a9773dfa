/** Above the field: what is about to be attached, how far it has come, and what waits for its files. */

import { useState } from "../../../vendor/preact-hooks.js";
import { kindOf, sizeOf } from "../../attaching/sizes.js";
import { attaching } from "../../attaching/words.js";
import { html } from "../../html.js";
import { sheet } from "../../sheet.js";
import { words } from "../../words.js";
import { Icon } from "../Icon.js";
import { FileIcon } from "./FileIcon.js";

/** @import { Filed } from "../../attaching/filed.js" */
/** @import { Parcel } from "../../attaching/parcels.js" */
/** @import { Trays } from "../../attaching/trays.js" */
/** @import { Page } from "../../page.js" */
/** @import { Desk } from "../../writing.js" */

await sheet("attached");

/** @param {{page: Page, desk: Desk}} given */
export function Tray({ page, desk }) {
  const { trays } = page;
  if (trays === null) return null;
  const told = trays.toldAt(desk);
  const { dragging } = trays;
  return html`
    ${trays.parcelsOf(desk).map((parcel) => html`<${Waiting} key=${parcel.id} trays=${trays} parcel=${parcel} />`)}
    ${trays.has(desk) && html`<${Files} trays=${trays} files=${trays.of(desk)} described />`}
    ${told !== "" && html`<p class="tray-said error" role="alert">${told}</p>`}
    ${dragging?.room === desk.room && dragging.thread === desk.thread && html`<${Target} page=${page} desk=${desk} />`}
  `;
}

/** @param {{trays: Trays, files: Filed[], described?: boolean}} given   described: what is to be seen can be said still */
function Files({ trays, files, described = false }) {
  return html`<ul class="tray" aria-label=${attaching.tray}>
    ${files.map((filed) => html`<${Chosen} key=${filed.key} trays=${trays} filed=${filed} described=${described} />`)}
  </ul>`;
}

/** @param {{trays: Trays, filed: Filed, described: boolean}} given */
function Chosen({ trays, filed, described }) {
  const { name, type, size, state, preview, code } = filed;
  const [broken, setBroken] = useState(false);
  const failed = state === "failed" || state === "lost";
  const under = state === "sending" ? attaching.cancel(name) : attaching.remove(name);
  return html`<li class="filed" data-state=${state}>
    <span class="filed-picture">
      ${preview === null || broken ? html`<${FileIcon} kind=${kindOf(type)} />` : html`<img src=${preview} alt="" onError=${() => setBroken(true)} />`}
    </span>
    <div class="filed-about">
      <p class="filed-name" title=${name}><bdi>${name}</bdi></p>
      <p class=${failed ? "meta error" : "meta"}>${failed ? trays.said(filed) : html`${sizeOf(size)} · ${stateOf(filed)}`}</p>
      ${state === "sending" && html`<progress max=${Math.max(1, size)} value=${filed.done} aria-label=${attaching.progress(name)}></progress>`}
      ${state === "failed" && code !== "too_large" && html`<button class="link" type="button" aria-label=${attaching.retry(name)} onClick=${() => trays.retry(filed)}>${attaching.again}</button>`}
      ${described && !failed && kindOf(type) === "image" && html`<${Alt} trays=${trays} filed=${filed} />`}
    </div>
    <button class="icon-button" type="button" aria-label=${under} title=${under} onClick=${() => trays.remove(filed)}><${Icon} name="close" /></button>
  </li>`;
}

/** @param {{trays: Trays, filed: Filed}} given */
function Alt({ trays, filed }) {
  return html`<input
    class="field-input filed-alt"
    type="text"
    dir="auto"
    maxlength="1000"
    value=${filed.alt}
    aria-label=${attaching.alt(filed.name)}
    placeholder=${attaching.altHint}
    onInput=${(/** @type {{currentTarget: HTMLInputElement}} */ { currentTarget }) => trays.describe(filed, currentTarget.value)}
    onKeyDown=${(/** @type {KeyboardEvent} */ event) => event.key === "Enter" && event.preventDefault()}
  />`;
}

/** @param {{trays: Trays, parcel: Parcel}} given */
function Waiting({ trays, parcel }) {
  return html`<section class="parcel" aria-label=${attaching.parcel}>
    <p class="parcel-head meta"><${Icon} name="clock" /><span>${attaching.parcel}</span>
      <button class="link" type="button" onClick=${() => trays.takeBack(parcel)}>${attaching.takeBack}</button>
    </p>
    ${parcel.text !== "" && html`<p class="parcel-text" dir="auto">${parcel.text}</p>`}
    <${Files} trays=${trays} files=${parcel.files} />
  </section>`;
}

/** What is dragged over the page may be let go anywhere. @param {{page: Page, desk: Desk}} given */
function Target({ page, desk }) {
  const title = page.infoOf(desk.room)?.title ?? desk.room;
  return html`<div class="drop-target"><p class="serif">${attaching.drop(title)}</p></div>`;
}

/** @param {Filed} filed */
function stateOf({ state, done, size }) {
  if (state === "waiting") return attaching.waiting;
  return state === "sent" ? attaching.sent : `${words.number(Math.floor((100 * done) / Math.max(1, size)))} %`;
}
