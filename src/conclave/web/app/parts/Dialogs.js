/** The dialog that is open, if one is. */

import { html } from "../html.js";
import { Browse } from "./Browse.js";
import { EditRoom } from "./EditRoom.js";
import { LeaveRoom } from "./LeaveRoom.js";
import { LinkDialog } from "./LinkDialog.js";
import { NewRoom } from "./NewRoom.js";
import { RemoveMessage } from "./RemoveMessage.js";

/** @import { Page } from "../page.js" */

/** @param {{page: Page}} given */
export function Dialogs({ page }) {
  const { dialog } = page;
  switch (dialog?.name) {
    case "newRoom":
      return html`<${NewRoom} page=${page} />`;
    case "browse":
      return html`<${Browse} page=${page} />`;
    case "editRoom":
      return html`<${EditRoom} page=${page} room=${dialog.room} />`;
    case "leaveRoom":
      return html`<${LeaveRoom} page=${page} room=${dialog.room} />`;
    case "remove":
      return html`<${RemoveMessage} page=${page} entry=${dialog.entry} />`;
    case "link":
      return html`<${LinkDialog} page=${page} address=${dialog.address} />`;
    default:
      return null;
  }
}
