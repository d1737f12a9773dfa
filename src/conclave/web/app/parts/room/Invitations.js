/** Letting people into a room: somebody by name, or whoever has a link. */

import { useState } from "../../../vendor/preact-hooks.js";
import { asks } from "../../asks.js";
import { html } from "../../html.js";
import { may } from "../../rights.js";
import { words } from "../../words.js";
import { FindPeople } from "./FindPeople.js";
import { RoomLinks } from "./RoomLinks.js";

/** @import { Page } from "../../page.js" */
/** @import { RoomInfo } from "../../../client/infos.js" */
/** @import { FoundPerson } from "../../../client/answers.js" */

/** @param {{page: Page, info: RoomInfo}} given */
export function Invitations({ page, info }) {
  return html`${may(info, "invite") && html`<${ByName} page=${page} room=${info.room} />`}
    ${may(info, "link") && html`<${RoomLinks} page=${page} room=${info.room} />`}`;
}

/** @param {{page: Page, room: string}} given */
function ByName({ page, room }) {
  const says = words.invite;
  const [said, setSaid] = useState("");
  /** @param {FoundPerson} person */
  const invite = async ({ id, displayName, name }) => {
    const { refusal } = await asks(page, (client, done) => client.governing.invite(room, id, done));
    setSaid(refusal === null ? says.invited(displayName || name) : says.refused(refusal.code));
    if (refusal === null) page.members.read(room);
  };
  return html`<h3>${says.byName}</h3>
    <p class="meta">${says.byNameHint}</p>
    <${FindPeople} page=${page} id="invite-find" verb=${says.go} onChoose=${invite} />
    <p class="meta" role="status" dir="auto">${said}</p>`;
}
