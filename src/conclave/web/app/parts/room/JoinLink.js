/** An invitation link into a room, for who is signed in: joining is theirs to decide. */

import { asks } from "../../asks.js";
import { html } from "../../html.js";
import { words } from "../../words.js";
import { Dialog } from "../Dialog.js";
import { Form } from "../Form.js";

/** @import { Page } from "../../page.js" */
/** @import { Link } from "../../door.js" */

/** @param {{page: Page, link: Link}} given */
export function JoinLink({ page, link }) {
  const says = words.invite;
  const close = () => page.door.dropLink();
  const send = async () => {
    const { refusal, found: room } = await asks(page, (client, done) => client.governing.follow(link.token, done));
    if (refusal !== null) return refusal.code === "connection_lost" ? says.refused(refusal.code) : says.joinSpent;
    close();
    page.enter(room);
    return "";
  };
  return html`<${Dialog} title=${says.joinTitle(link.seen?.room ?? "")} close=${says.notNow} onClose=${close}>
    <p class="lead">${says.joinLead}</p>
    <${Form} go=${says.join} send=${send} cancel=${says.notNow} onCancel=${close} />
  <//>`;
}
