/** The whole page: the sign-in card, or the house behind it, which is fetched when one comes in. */

import { html } from "../html.js";
import { lazy } from "../lazy.js";
import { SignIn } from "./SignIn.js";

/** @import { Page } from "../page.js" */

const Newer = lazy(async () => (await import("./Newer.js")).Newer);
const House = lazy(async () => (await import("./House.js")).House);

/** @param {{page: Page}} given */
export function App({ page }) {
  if (!page.entered) return html`<${SignIn} page=${page} />`;
  return html`<${House} page=${page} />${page.version?.newer && html`<${Newer} page=${page} />`}`;
}
