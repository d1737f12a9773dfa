/** Invitations to make an account here: made, shown once, listed, taken back. */

import { useState } from "../../../vendor/preact-hooks.js";
import { saidOf, surely } from "../../confirming.js";
import { html } from "../../html.js";
import { addressOf } from "../../route.js";
import { words } from "../../words.js";
import { useFound } from "../asking.js";
import { Choice } from "../Choice.js";
import { LinkForm } from "../LinkForm.js";
import { LinkList } from "../LinkList.js";
import { Once } from "../Once.js";
import { Wrong } from "../Wrong.js";

/** @import { Page } from "../../page.js" */
/** @import { Wanted } from "../LinkForm.js" */
/** @import { Link } from "../../../client/answers.js" */

/** @param {{page: Page}} given */
export function Invitations({ page }) {
  const says = words.office;
  const { found, refused, again } = useFound(() => page.office.links(), [page]);
  const [made, setMade] = useState("");
  /** @param {Wanted} wanted */
  const make = ({ name, uses, days, fields }) =>
    surely(page, async () => {
      const { refusal, found: token } = await page.office.makeLink({ name, uses, days, role: fields.get("link-role") ?? "user", room: fields.get("link-room") || null });
      if (refusal === null) setMade(addressOf(page.window.location, "invite", token));
      again();
      return refusal;
    });
  /** @param {string} id */
  const revoke = async (id) => {
    const refusal = await page.office.revokeLink(id);
    again();
    return saidOf(refusal);
  };
  // Those into which one may let people: the server asks again when somebody comes.
  const rooms = page.listed.filter(({ may }) => may?.includes("link")).map(({ room, title }) => /** @type {[string, string]} */ ([room, title]));
  const tagOf = (/** @type {Link} */ { kind, role, user, room }) => [says.kinds.get(kind) ?? kind, role && (says.roleNames.get(role) ?? role), user, room].filter(Boolean).join(" · ");
  return html`<p class="meta">${says.inviteLead}</p>
    ${made !== "" && html`<${Once} label=${says.made} text=${made} />`}
    <${LinkForm} make=${make}>
      <${Choice} id="link-role" label=${says.inviteRole} value="user" options=${says.inviteRoles} />
      ${rooms.length > 0 && html`<${Choice} id="link-room" label=${says.inviteInto} value="" options=${[["", says.intoNone], ...rooms]} hint=${says.intoLead} />`}
    <//>
    ${refused !== null && html`<${Wrong} text=${says.unread(refused)} />`}
    ${found !== null && html`<${LinkList} page=${page} links=${found} revoke=${revoke} none=${says.noInvitations} tagOf=${tagOf} />`}`;
}
