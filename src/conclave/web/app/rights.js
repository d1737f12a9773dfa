/**
 * What one may do, as far as the page can know: what one may not is not offered. The server
 * decides; this only spares people a refusal. A room says itself what one may there.
 */

/** @import { Entry } from "../client/wire.js" */
/** @import { RoomInfo } from "../client/infos.js" */
/** @import { Me } from "../client/client.js" */

/** @type {Map<string | null, number>} */
const RANKS = new Map([["member", 1], ["moderator", 2], ["owner", 3]]);

const MEMBERS = ["write", "react", "edit", "delete", "pin", "quit"];
const LEADERS = [...MEMBERS, "delete_any", "update"];

/** Whether one may do *what* in a room, in the words of its `may`. @param {RoomInfo | null} info @param {string} what */
export const may = (info, what) => (info?.may ?? usual(info)).includes(what);

/** What was kept by an earlier version does not say what one may. @param {RoomInfo | null} info */
function usual(info) {
  if (info === null || info.role === null) return [];
  return info.role === "member" ? MEMBERS : LEADERS;
}

/** Whether one may do something to somebody of *role* in the room: they stand below. @param {Me | null} me @param {RoomInfo | null} info @param {string} role */
export function outranks(me, info, role) {
  if (me?.role === "admin" || info?.role === "owner") return true;
  return (RANKS.get(info?.role ?? null) ?? 0) > (RANKS.get(role) ?? 0);
}

/** @param {Me | null} me @param {RoomInfo | null} info @param {Entry} entry */
export const mayEdit = (me, info, entry) => isMessage(entry) && entry.userId === me?.id && may(info, "edit");

/** @param {Me | null} me @param {RoomInfo | null} info @param {Entry} entry */
export const mayDelete = (me, info, entry) =>
  isMessage(entry) && may(info, entry.userId === me?.id ? "delete" : "delete_any");

/** @param {Me | null} me @param {RoomInfo | null} info @param {Entry} entry */
export const mayReport = (me, info, entry) =>
  isMessage(entry) && entry.userId !== me?.id && entry.userId !== "system" && may(info, "report");

/** Whether *entry* is there to be answered, pinned and reacted to. @param {Entry} entry */
export const isMessage = (entry) => entry.type === "message" && !entry.deleted;
