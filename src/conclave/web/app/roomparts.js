/** Which parts of a room's settings are open to one; the parts themselves stand in their dialog. */

import { may } from "./rights.js";

/** @import { RoomInfo } from "../client/infos.js" */
/** @typedef {"general" | "invitations" | "programs" | "sanctions" | "reports"} Part */

/** @param {RoomInfo | null} info @returns {Part[]} */
export function partsOf(info) {
  const asked = /** @type {[Part, string[]][]} */ ([
    ["general", ["update", "history", "archive", "delete_room"]],
    ["invitations", ["invite", "link"]],
    // Who makes links makes webhooks, too.
    ["programs", ["link"]],
    ["sanctions", ["sanctions"]],
    ["reports", ["reports"]],
  ]);
  return asked.filter(([, acts]) => acts.some((act) => may(info, act))).map(([part]) => part);
}
