/** The dialog that is open, if one is, and what is asked above it. */

import { html } from "../html.js";
import { Account } from "./account/Account.js";
import { Asked } from "./Asked.js";
import { Browse } from "./Browse.js";
import { EditRoom } from "./EditRoom.js";
import { later } from "./later.js";
import { LeaveRoom } from "./LeaveRoom.js";
import { LinkDialog } from "./LinkDialog.js";
import { NewRoom } from "./NewRoom.js";
import { Person } from "./office/Person.js";
import { Room as OfficeRoom } from "./office/Room.js";
import { RemoveMessage } from "./RemoveMessage.js";
import { Against } from "./room/Against.js";
import { JoinLink } from "./room/JoinLink.js";
import { NewDirect } from "./room/NewDirect.js";
import { NotifyRoom } from "./room/NotifyRoom.js";
import { ReportMessage } from "./room/ReportMessage.js";
import { RoomSettings } from "./room/RoomSettings.js";

/** @import { Page } from "../page.js" */

const Palette = later(() => import("./palette/Palette.js").then((read) => read.Palette));
const Shortcuts = later(() => import("./palette/Shortcuts.js").then((read) => read.Shortcuts));

/** @param {{page: Page}} given */
export function Dialogs({ page }) {
  return html`<${Open} page=${page} /><${Asked} page=${page} />`;
}

/** @param {{page: Page}} given */
function Open({ page }) {
  const { dialog } = page;
  const { link } = page.door;
  if (dialog === null && link?.kind === "join" && page.client.connection.ready) return html`<${JoinLink} page=${page} link=${link} />`;
  switch (dialog?.name) {
    case "newRoom":
      return html`<${NewRoom} page=${page} />`;
    case "palette":
      return html`<${Palette} page=${page} />`;
    case "shortcuts":
      return html`<${Shortcuts} page=${page} />`;
    case "browse":
      return html`<${Browse} page=${page} />`;
    case "editRoom":
      return html`<${EditRoom} page=${page} room=${dialog.room} />`;
    case "leaveRoom":
      return html`<${LeaveRoom} page=${page} room=${dialog.room} />`;
    case "notifyRoom":
      return html`<${NotifyRoom} page=${page} room=${dialog.room} />`;
    case "remove":
      return html`<${RemoveMessage} page=${page} entry=${dialog.entry} />`;
    case "link":
      return html`<${LinkDialog} page=${page} address=${dialog.address} />`;
    case "roomSettings":
      return html`<${RoomSettings} page=${page} room=${dialog.room} part=${dialog.part} />`;
    case "against":
      return html`<${Against} page=${page} what=${dialog.what} room=${dialog.room} user=${dialog.user} called=${dialog.called} />`;
    case "report":
      return html`<${ReportMessage} page=${page} entry=${dialog.entry} />`;
    case "direct":
      return html`<${NewDirect} page=${page} />`;
    case "account":
      return html`<${Account} page=${page} part=${dialog.part} />`;
    case "person":
      return html`<${Person} key=${dialog.person.id} page=${page} person=${dialog.person} onChange=${dialog.onChange} />`;
    case "officeRoom":
      return html`<${OfficeRoom} key=${dialog.info.room} page=${page} info=${dialog.info} onChange=${dialog.onChange} />`;
    default:
      return null;
  }
}
