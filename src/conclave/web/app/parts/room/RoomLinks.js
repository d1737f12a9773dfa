/** Links into a room: made, shown once, listed, taken back. */

import { useState } from "../../../vendor/preact-hooks.js";
import { asks } from "../../asks.js";
import { html } from "../../html.js";
import { addressOf } from "../../route.js";
import { words } from "../../words.js";
import { useFound } from "../asking.js";
import { LinkForm } from "../LinkForm.js";
import { LinkList } from "../LinkList.js";
import { Once } from "../Once.js";

/** @import { Page } from "../../page.js" */

/** @param {{page: Page, room: string}} given */
export function RoomLinks({ page, room }) {
  const says = words.invite;
  const { found, again } = useFound(() => asks(page, (client, done) => client.governing.links(room, done)), [page, room]);
  const [made, setMade] = useState("");
  /** @param {{name: string, uses: number | null, days: number | null}} wanted */
  const make = async ({ name, uses, days }) => {
    const link = { room, name, ...(uses === null ? {} : { uses }), ...(days === null ? {} : { expires_at: page.serverNow + days * 86_400_000 }) };
    const { refusal, found: token } = await asks(page, (client, done) => client.governing.link(link, done));
    if (refusal !== null) return says.refused(refusal.code);
    setMade(addressOf(page.window.location, "join", token));
    again();
    return "";
  };
  /** @param {string} id */
  const revoke = async (id) => {
    const { refusal } = await asks(page, (client, done) => client.governing.unlink(room, id, done));
    again();
    return refusal === null ? "" : says.refused(refusal.code);
  };
  return html`<h3>${says.links}</h3>
    <p class="meta">${says.linksHint}</p>
    ${made !== "" && html`<${Once} label=${says.made} text=${made} />`}
    <${LinkForm} make=${make} />
    ${found !== null && html`<${LinkList} page=${page} links=${found} revoke=${revoke} none=${says.none} />`}`;
}
