/** Keeping a room at the top of one's list. */

import { asks } from "./asks.js";
import { words } from "./words.js";

/** @import { Page } from "./page.js" */
/** @import { RoomInfo } from "../client/infos.js" */

/** Keep *info*'s room on top, or no longer; all devices are told. @param {Page} page @param {RoomInfo} info */
export async function favour(page, { room, favourite }) {
  const { refusal } = await asks(page, (client, done) => client.governing.favour(room, !favourite, done));
  if (refusal !== null) page.say(words.person.refused(refusal.code));
}
