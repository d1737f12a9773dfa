/** One's own account, part by part. */

import { Own } from "../../api/own.js";
import { html } from "../../html.js";
import { words } from "../../words.js";
import { Dialog } from "../Dialog.js";
import { Sections } from "../Sections.js";
import { Appearance } from "./Appearance.js";
import { Devices } from "./Devices.js";
import { Factors } from "./Factors.js";
import { IgnoredPeople } from "./IgnoredPeople.js";
import { Notifications } from "./Notifications.js";
import { Password } from "./Password.js";
import { Profile } from "./Profile.js";
import { Tokens } from "./Tokens.js";
import { YourData } from "./YourData.js";

/** @import { Page } from "../../page.js" */
/** @typedef {"profile" | "notifications" | "appearance" | "password" | "factors" | "devices" | "tokens" | "ignored" | "data"} AccountPart */

const PARTS = { profile: Profile, notifications: Notifications, appearance: Appearance, password: Password, factors: Factors, devices: Devices, tokens: Tokens, ignored: IgnoredPeople, data: YourData };
/** What guests have: nothing that they come in with. @type {AccountPart[]} */
const OF_GUESTS = ["profile", "notifications", "appearance", "devices", "ignored", "data"];

/** @param {{page: Page, part: AccountPart}} given */
export function Account({ page, part }) {
  page.own ??= new Own(page.http);
  const says = words.account;
  const all = /** @type {AccountPart[]} */ (Object.keys(PARTS));
  const guest = page.client.me?.role === "guest";
  const sections = all.filter((name) => !guest || OF_GUESTS.includes(name)).map((name) => ({ name, title: says[name] }));
  const show = (/** @type {string} */ name) => page.show({ name: "account", part: /** @type {AccountPart} */ (name) });
  return html`<${Dialog} title=${says.title} close=${says.close} onClose=${() => page.show(null)} wide>
    <${Sections} label=${says.parts} sections=${sections} shown=${part} onShow=${show}>
      <${PARTS[part]} key=${part} page=${page} />
    <//>
  <//>`;
}
