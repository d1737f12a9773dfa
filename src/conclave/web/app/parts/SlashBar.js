/** What was asked with «/», above the field: under way, answered for oneself alone, or not answered and why. */

import { useEffect } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";
import { Slash } from "../slash.js";
import { slash as says } from "../slashwords.js";
import { REASONS } from "../words.js";
import { Icon } from "./Icon.js";
import { Text } from "./Text.js";

/** @import { Page } from "../page.js" */
/** @import { Asking } from "../slash.js" */
/** @import { Desk } from "../writing.js" */

/** @param {{page: Page, desk: Desk}} given */
export function SlashBar({ page, desk }) {
  const slash = slashOf(page);
  useEffect(() => {
    slash.commandsOf(desk.room);
    page.changed();
  }, [page, desk.room]);
  useEffect(() => slash.resume());
  const asked = slash.at(desk);
  return html`<div class="asked-list" role="status" aria-label=${says.answers}>
    ${asked.map((asking) => html`<${Line} key=${asking.id} page=${page} asking=${asking} />`)}
  </div>`;
}

/** What asks; it is the same as long as the same person is here. @param {Page} page */
export function slashOf(page) {
  if (page.slash === null || page.slash.of !== page.of) {
    page.slash = new Slash(page);
    page.slash.of = page.of;
  }
  return page.slash;
}

/** @param {{page: Page, asking: Asking}} given */
function Line({ page, asking }) {
  const { text, state, by, said, refusal } = asking;
  const slash = slashOf(page);
  const unknown = refusal?.code === "no_such_command";
  return html`<article class="asked-line" data-state=${state}>
    <p class="meta asked-head">
      <code dir="auto">${text}</code>
      ${state === "answered" && html`<span> · <bdi>${by || says.server}</bdi> · ${says.alone}</span>`}
      ${(state === "asked" || state === "lost") && html`<span class="after-400"> · <${Icon} name="clock" /> ${says.asking}</span>`}
    </p>
    ${state === "answered" && html`<${Text} text=${said} named=${[]} me=${page.client.me?.id ?? ""} stop=${0} />`}
    ${refusal !== null && html`<p class="error" dir="auto">${unknown ? says.none(text.split(/\s/, 1)[0] ?? text) : saidOf(refusal)}</p>`}
    ${state !== "asked" &&
    state !== "lost" &&
    html`<div class="asked-end">
      ${unknown && html`<button class="link" type="button" onClick=${() => slash.say(asking)}>${says.send}</button>`}
      ${refusal !== null && !unknown && html`<button class="link" type="button" onClick=${() => slash.again(asking)}>${says.again}</button>`}
      <button class="link" type="button" onClick=${() => slash.dismiss(asking)}>${says.dismiss}</button>
    </div>`}
  </article>`;
}

/** What a bot or an application says it says itself. @param {{code: string, message: string}} refusal */
function saidOf({ code, message }) {
  return message !== "" && (code === "bad_request" || !REASONS.has(code)) ? says.said(message) : says.failed(code);
}
