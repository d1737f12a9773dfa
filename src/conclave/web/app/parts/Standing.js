/** Why nothing can be sent just now, above the field, and for how long. */

import { useEffect, useState } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";
import { shortTime } from "../times.js";
import { words } from "../words.js";
import { Icon } from "./Icon.js";

/** @import { Page } from "../page.js" */
/** @import { Bar } from "../standing.js" */

/** @param {{page: Page, bar: Bar}} given */
export function Standing({ page, bar }) {
  useUntil(page, bar);
  const { standing } = words;
  return html`<p class="standing" data-why=${bar.why} role=${bar.why === "slow" ? undefined : "status"}><${Icon} name=${bar.why === "slow" ? "clock" : "lock"} /><span>${said()}</span></p>`;

  function said() {
    if (bar.why === "slow") return standing.slow(Math.max(1, Math.ceil((bar.until - page.serverNow) / 1_000)));
    if (bar.why === "muted") return standing.muted(bar.until === null ? null : shortTime(bar.until, page.serverNow));
    return standing[bar.why];
  }
}

/** Draw the page again when it is over, and each second while seconds are shown. @param {Page} page @param {Bar} bar */
function useUntil(page, { why, until }) {
  const [, again] = useState(0);
  useEffect(() => {
    if (until === null) return undefined;
    const left = Math.max(0, until - page.serverNow);
    const over = setTimeout(() => page.changed(), Math.min(left + 20, 2 ** 31 - 1));
    const each = why === "slow" ? setInterval(() => again((n) => n + 1), 500) : undefined;
    return () => {
      clearTimeout(over);
      clearInterval(each);
    };
  }, [page, why, until]);
}
