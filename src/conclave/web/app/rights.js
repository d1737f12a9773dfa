/**
 * What one may do, as far as the page can know: what one may not is not offered. The server
 * decides; this only spares people a refusal.
 */

/** @import { Entry, RoomInfo } from "../client/wire.js" */
/** @import { Me } from "../client/client.js" */

const LEADS = new Set(["owner", "moderator"]);

/** Whether *me* leads the room: its owner, a moderator, or an admin of the server. @param {Me | null} me @param {RoomInfo | null} info */
export const leads = (me, info) => me?.role === "admin" || LEADS.has(info?.role ?? "");

/** @param {Me | null} me @param {Entry} entry */
export const mayEdit = (me, entry) => isMessage(entry) && entry.userId === me?.id;

/** @param {Me | null} me @param {RoomInfo | null} info @param {Entry} entry */
export const mayDelete = (me, info, entry) => isMessage(entry) && (entry.userId === me?.id || leads(me, info));

/** Whether *entry* is there to be answered, pinned and reacted to. @param {Entry} entry */
export const isMessage = (entry) => entry.type === "message" && !entry.deleted;
