/** What is asked for besides the password: passkeys, codes of an app, and codes for emergencies. */

import { useState } from "../../../vendor/preact-hooks.js";
import { html } from "../../html.js";
import { lazy } from "../../lazy.js";
import { words } from "../../words.js";
import { useFound } from "../asking.js";
import { Wrong } from "../Wrong.js";
import { Codes } from "./Codes.js";
import { Passkeys } from "./Passkeys.js";
import { Recovery } from "./Recovery.js";

/** @import { Page } from "../../page.js" */

const Linked = lazy(async () => (await import("./Linked.js")).Linked);

/** @param {{page: Page}} given */
export function Factors({ page }) {
  const says = words.account;
  const { found, refused, again } = useFound(() => page.own.account(), [page]);
  /** Shown once, right after they were made. */
  const [fresh, setFresh] = useState(/** @type {string[]} */ ([]));
  if (refused !== null) return html`<${Wrong} text=${says.unread(refused)} />`;
  if (found === null) return null;
  /** @param {string[]} codes */
  const changed = (codes) => {
    if (codes.length > 0) setFresh(codes);
    if (page.door.ways.must.length > 0) page.door.renew();
    again();
  };
  const any = found.totp || found.passkeys > 0;
  return html`${found.must.includes("second_factor") && html`<${Wrong} text=${says.must} />`}
    ${(any || fresh.length > 0) && html`<${Recovery} page=${page} left=${found.recoveryCodes} fresh=${fresh} onMade=${changed} />`}
    <${Passkeys} page=${page} onChanged=${changed} />
    <${Codes} page=${page} on=${found.totp} onChanged=${changed} />
    ${page.window.document.documentElement.dataset.providers && html`<${Linked} page=${page} />`}`;
}
