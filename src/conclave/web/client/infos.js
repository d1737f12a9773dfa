/** What the server says of a room, as the rest may trust it: see wire.js. */

import { asList, asSeq, asText, isData, textsOf } from "./wire.js";

/** @import { Data } from "./wire.js" */
/** @typedef {"all" | "mentions" | "none"} Notify */
/**
 * @typedef {object} RoomInfo
 * @property {string} room
 * @property {string} title
 * @property {string} topic
 * @property {"public" | "private" | "direct"} kind
 * @property {string | null} role   null: not a member
 * @property {number} members
 * @property {number} lastSeq
 * @property {number} readSeq
 * @property {number} unread
 * @property {number} mentions
 * @property {boolean} archived
 * @property {number} slowMode      seconds between two messages of one member; 0: none
 * @property {"all" | "joined"} history   what members read: all, or what was said since they joined
 * @property {boolean} muted        whether one may not write there
 * @property {number | null} mutedUntil   null: until somebody takes it back
 * @property {Notify} notify        of what one is notified
 * @property {boolean} favourite  whether one keeps it at the top
 * @property {number} lastTime     when something was last stored there, by the server's clock; 0: never
 * @property {{id: string, name: string}[]} partners   of a direct room: the others
 * @property {number} reports       how many are open, for who may see them
 * @property {string[] | null} may  what one may there; null: the server did not say
 */

/**
 * @typedef {{room: string, seq: number, user: string, userId: string, text: string, mention: boolean}} Told
 *   a message one wants to be notified of: its author's name and id, and its beginning
 */

/** @param {Data} data @returns {Told | null} */
export function toldOf({ room, seq, user, user_id: id, text, mention }) {
  const told = { room: asText(room), seq: asSeq(seq), user: asText(user), userId: asText(id), text: asText(text), mention: mention === true };
  return told.room === "" || told.seq === 0 ? null : told;
}

/** @param {unknown} value @returns {Notify} */
function notifyOf(value) {
  return value === "all" || value === "none" ? value : "mentions";
}

/** @param {unknown} value @returns {RoomInfo["kind"]} */
function kindOf(value) {
  return value === "private" || value === "direct" ? value : "public";
}

/**
 * @param {unknown} value
 * @returns {RoomInfo | null}
 */
export function roomOf(value) {
  if (!isData(value) || typeof value.room !== "string" || value.room === "") return null;
  const more = governed(value);
  const others = more.partners.map(({ name }) => name).join(", ");
  return {
    room: value.room,
    title: (value.kind === "direct" && others) || asText(value.title) || value.room,
    topic: asText(value.topic),
    kind: kindOf(value.kind),
    role: asText(value.role) || null,
    members: asSeq(value.members),
    lastSeq: asSeq(value.last_seq),
    readSeq: asSeq(value.read_seq),
    unread: asSeq(value.unread),
    mentions: asSeq(value.mentions),
    archived: value.archived === true,
    ...more,
  };
}

/** What moderators and owners have made of a room. @param {Data} value */
function governed({ slow_mode, history, muted, muted_until, notify, favourite, last_time, partners, reports, may }) {
  const named = asList(partners).filter(isData).map(({ id, name }) => ({ id: asText(id), name: asText(name, asText(id)) }));
  return {
    slowMode: asSeq(slow_mode),
    history: /** @type {"all" | "joined"} */ (history === "joined" ? "joined" : "all"),
    muted: muted === true,
    mutedUntil: asSeq(muted_until) || null,
    notify: notifyOf(notify),
    favourite: favourite === true,
    lastTime: asSeq(last_time),
    partners: named.filter(({ id }) => id !== ""),
    reports: asSeq(reports),
    may: Array.isArray(may) ? textsOf(may) : null,
  };
}

/** @param {Data} data */
export function roomsOf(data) {
  if (!Array.isArray(data.rooms)) return [];
  return data.rooms.map(roomOf).filter((room) => room !== null);
}
