/** The latch: one line, always in the same place, that says the link and who one is. */

import { useEffect, useState } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";
import { shortTime } from "../times.js";
import { words } from "../words.js";
import { linkOf } from "./linkwords.js";
import { Menu } from "./Menu.js";
import { Presence } from "./Presence.js";

/** @import { Page } from "../page.js" */

/** @param {{page: Page}} given */
export function Latch({ page }) {
  useCountdown(page.client.state.name === "waiting");
  const link = linkOf(page, page.now);
  const { me } = page.client;
  return html`<section class="latch" data-link=${link.shape} aria-label=${words.latch.label}>
    <span class="latch-shape" aria-hidden="true"></span>
    <p class=${link.quiet ? "latch-text after-400" : "latch-text"} title=${link.text}>
      ${link.text}${link.shape === "connected" && me !== null && html`<span class="latch-who"> · <bdi>${me.name}</bdi></span>`}
    </p>
    <p class="unseen" role="status">${link.spoken}</p>
    ${link.action === "now" &&
    html`<button class="link strong" type="button" onClick=${() => page.driver.act((c, now) => c.connection.hurry(now))}>
      ${words.latch.now}
    </button>`}
    ${link.action === "signIn" &&
    html`<button class="link strong" type="button" onClick=${() => page.door.stepOut()}>${words.signIn.go}</button>`}
    ${link.action === "dismiss" &&
    html`<button class="link strong" type="button" onClick=${() => page.driver.act((client) => void (client.gone = null))}>${words.dismiss}</button>`}
    ${link.shape === "connected" && me !== null && html`<${Presence} page=${page} />`}
    <${Menu} label=${words.latch.details} icon="menu" class="latch-menu">
      <${Details} page=${page} />
    <//>
  </section>`;
}

/** @param {{page: Page}} given */
function Details({ page }) {
  const { connection, me, outbox, kept } = page.client;
  const { latch } = words;
  const { pulse } = connection;
  const end = connection.lastClose;
  const { found } = page.knocking;
  const facts = [
    [latch.signedInAs, me?.name ?? ""],
    [latch.link, linkOf(page, page.now).text],
    [latch.roundTrip, pulse.roundTripMs === null ? latch.noRoundTrip : latch.ms(pulse.roundTripMs)],
    ...(end === null
      ? [[latch.lastEnd, latch.noEnd]]
      : [
          [latch.lastEnd, found === null ? latch.why(end.code) : latch.whyNot[found.why]],
          [latch.endedAt, shortTime(connection.endedAt + page.client.skewMs, page.serverNow)],
          [latch.code, `${end.code} ${end.reason}`],
        ]),
    [latch.waiting, latch.messages(outbox.waiting)],
    [latch.kept, latch.keptWhere[kept.where]],
  ];
  return html`<dl class="facts">
      ${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd><bdi>${value}</bdi></dd></div>`)}
    </dl>
    <button class="button" type="button" onClick=${() => page.signOut()}>${latch.signOut}</button>`;
}

/** Draw again twice a second while seconds are shown. @param {boolean} running */
function useCountdown(running) {
  const [, again] = useState(0);
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(() => again((n) => n + 1), 500);
    return () => clearInterval(timer);
  }, [running]);
}
