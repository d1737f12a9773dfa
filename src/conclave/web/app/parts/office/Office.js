/** The office: what an admin looks after, part by part. */

import { OfficeApi } from "../../api/office.js";
import { html } from "../../html.js";
import { sheet } from "../../sheet.js";
import { words } from "../../words.js";
import { Icon } from "../Icon.js";
import { Notes } from "../Notes.js";
import { Sections } from "../Sections.js";
import { programs } from "../../programwords.js";
import { Webhooks } from "../programs/Webhooks.js";
import { Audit } from "./Audit.js";
import { Bots } from "./Bots.js";
import { Connections } from "./Connections.js";
import { Invitations } from "./Invitations.js";
import { OfficeReports } from "./OfficeReports.js";
import { OfficeRooms } from "./OfficeRooms.js";
import { People } from "./People.js";
import { ServerFacts } from "./ServerFacts.js";

/** @import { Page } from "../../page.js" */
/** @typedef {"people" | "invitations" | "rooms" | "bots" | "webhooks" | "reports" | "audit" | "connections" | "server"} OfficePart */

await sheet("office");

const PARTS = { people: People, invitations: Invitations, rooms: OfficeRooms, bots: Bots, webhooks: Webhooks, reports: OfficeReports, audit: Audit, connections: Connections, server: ServerFacts };

/** @param {{page: Page, part: string}} given */
export function Office({ page, part }) {
  page.office ??= new OfficeApi(page.http);
  const says = words.office;
  const parts = /** @type {OfficePart[]} */ (Object.keys(PARTS));
  const shown = parts.find((name) => name === part) ?? "people";
  const admin = page.client.me?.role === "admin";
  return html`<main class="stage office">
    <header class="bar">
      <button class="icon-button back" type="button" aria-label=${says.back} onClick=${() => page.goTo(null)}><${Icon} name="back" /></button>
      <h1 class="serif">${says.title}</h1>
      <button class="icon-button office-close" type="button" aria-label=${says.close} title=${says.close} onClick=${() => page.goTo(null)}><${Icon} name="close" /></button>
    </header>
    <div class="notes"><${Notes} page=${page} /></div>
    <div class="office-scroll" tabindex="-1">
      ${admin
        ? html`<${Sections} label=${says.parts} sections=${parts.map((name) => ({ name, title: { ...programs, ...says }[name] }))} shown=${shown} onShow=${(/** @type {string} */ name) => page.goToOffice(name)}>
            <${PARTS[shown]} key=${shown} page=${page} />
          <//>`
        : html`<p class="meta">${says.only}</p>`}
    </div>
  </main>`;
}
