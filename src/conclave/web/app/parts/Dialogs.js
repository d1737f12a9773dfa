/** The dialog that is open, if one is, and what is asked above it. */

import { html } from "../html.js";
import { lazy } from "../lazy.js";
import { NewRoom } from "./NewRoom.js";

/** @import { Page } from "../page.js" */

const Asked = lazy(async () => (await import("./Asked.js")).Asked);
const Account = lazy(async () => (await import("./account/Account.js")).Account);
const Browse = lazy(async () => (await import("./Browse.js")).Browse);
const EditRoom = lazy(async () => (await import("./EditRoom.js")).EditRoom);
const GoTo = lazy(async () => (await import("./GoTo.js")).GoTo);
const LeaveRoom = lazy(async () => (await import("./LeaveRoom.js")).LeaveRoom);
const LinkDialog = lazy(async () => (await import("./LinkDialog.js")).LinkDialog);
const Person = lazy(async () => (await import("./office/Person.js")).Person);
const OfficeRoom = lazy(async () => (await import("./office/Room.js")).Room);
const Palette = lazy(async () => (await import("./palette/Palette.js")).Palette);
const Shortcuts = lazy(async () => (await import("./palette/Shortcuts.js")).Shortcuts);
const RemoveMessage = lazy(async () => (await import("./RemoveMessage.js")).RemoveMessage);
const Against = lazy(async () => (await import("./room/Against.js")).Against);
const JoinLink = lazy(async () => (await import("./room/JoinLink.js")).JoinLink);
const NewDirect = lazy(async () => (await import("./room/NewDirect.js")).NewDirect);
const NotifyRoom = lazy(async () => (await import("./room/NotifyRoom.js")).NotifyRoom);
const ReportMessage = lazy(async () => (await import("./room/ReportMessage.js")).ReportMessage);
const Viewer = lazy(async () => (await import("./attach/Viewer.js")).Viewer);
const RoomSettings = lazy(async () => (await import("./room/RoomSettings.js")).RoomSettings);

/** @param {{page: Page}} given */
export function Dialogs({ page }) {
  return html`<${Open} page=${page} />${page.asked !== null && html`<${Asked} page=${page} />`}`;
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
    case "goTo":
      return html`<${GoTo} page=${page} room=${dialog.room} />`;
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
    case "viewer":
      return html`<${Viewer} page=${page} room=${dialog.room} id=${dialog.id} />`;
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
