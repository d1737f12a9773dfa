/**
 * Rooms and one's list of them in the form that is kept between two visits, and back.
 *
 * It is the wire's own form, so that what comes back is read by the same rules as what a
 * server says: storage can be changed by hand, or be of another version. What is not of
 * the expected shape is as if it had not been kept.
 */

import { roomOf } from "./infos.js";
import { asSeq, asText, entryOf, isData } from "./wire.js";
import { isLine } from "./roomlog.js";

/** @import { RoomLog } from "./roomlog.js" */
/** @import { Unread } from "./unread.js" */
/** @import { RoomInfo } from "./infos.js" */
/** @import { Entry } from "./wire.js" */
/**
 * @typedef {object} RoomRecord
 * @property {string} room
 * @property {string} epoch
 * @property {number} upto
 * @property {string} uptoId
 * @property {boolean} olderLeft
 * @property {object[]} lines
 * @property {number} at   wall time it was kept: the oldest go
 *
 * @typedef {object} KnownRoom   what a log can begin with
 * @property {string} room
 * @property {string} epoch
 * @property {number} upto
 * @property {string} uptoId
 * @property {boolean} olderLeft
 * @property {Entry[]} lines
 *
 * @typedef {{info: RoomInfo, mark: number, epoch?: string}} KnownInfo
 *   mark: how far was read here; epoch: of which history the numbers are
 */

export const MOST_LINES = 200;
/** One room may not fill what all have to share: half a MiB. */
const MOST_CHARS = 256 * 1024;

/** @param {RoomLog} log @param {number} at @returns {RoomRecord} */
export function recordOf({ room, epoch, upto, uptoId, olderLeft, lines }, at) {
  let chars = 0;
  const last = lines.slice(-MOST_LINES).reverse();
  const over = last.findIndex(({ text }) => (chars += text.length) > MOST_CHARS);
  const kept = (over < 0 ? last : last.slice(0, over)).reverse();
  return { room, epoch, upto, uptoId, olderLeft: olderLeft || kept.length < lines.length, lines: kept.map(lineRecord), at };
}

/** @param {unknown} value @returns {KnownRoom | null} */
export function readRoom(value) {
  if (!isData(value) || !Array.isArray(value.lines)) return null;
  const { room, epoch, uptoId } = value;
  const upto = asSeq(value.upto);
  if (typeof room !== "string" || typeof epoch !== "string" || typeof uptoId !== "string" || upto === 0) return null;
  const lines = value.lines.slice(-MOST_LINES).map(readLine).filter((line) => line !== null);
  if (lines.some((line, n) => line.room !== room || line.seq > upto || line.seq <= (lines[n - 1]?.seq ?? 0))) return null;
  return { room, epoch, upto, uptoId, olderLeft: value.olderLeft === true, lines };
}

/** @param {RoomInfo} info @param {Unread} unread @param {string} epoch @returns {object} */
export function infoRecord({ room, title, topic, kind, role, members, lastSeq, readSeq, archived, ...more }, unread, epoch) {
  const count = unread.rooms.get(room);
  const mark = Math.max(readSeq, count?.mark ?? 0);
  const counts = { unread: unread.of(room), mentions: unread.mentionsOf(room), last_seq: Math.max(lastSeq, count?.asOf ?? 0) };
  const governed = { slow_mode: more.slowMode, history: more.history, muted: more.muted, muted_until: more.mutedUntil, notify: more.notify, favourite: more.favourite, last_time: more.lastTime, partners: more.partners, may: more.may };
  return { room, title, topic, kind, role, members, read_seq: readSeq, archived, ...governed, ...counts, mark, epoch };
}

/** @param {unknown} value @returns {KnownInfo[]} */
export function readList(value) {
  if (!Array.isArray(value)) return [];
  const found = value.map((one) => ({ info: roomOf(one), mark: isData(one) ? asSeq(one.mark) : 0, epoch: isData(one) ? asText(one.epoch) : "" }));
  return /** @type {KnownInfo[]} */ (found.filter(({ info }) => info !== null));
}

/** @param {unknown} value @returns {{id: string, name: string, role: string} | null} */
export function readMe(value) {
  if (!isData(value) || typeof value.id !== "string") return null;
  return { id: value.id, name: asText(value.name, "?"), role: asText(value.role, "user") };
}

/** @param {Entry} line @returns {object} */
function lineRecord(line) {
  const { type, room, seq, id, user, timestamp, text, mentions, attachments, bot, deleted, pinned, reactions, emoji, member, role } = line;
  const { title, topic, archived, slowMode, history, target } = line;
  const told = { type, room, seq, id, user, timestamp, text, mentions, attachments, bot, deleted, pinned, reactions, emoji, member, role, title, topic, archived, slow_mode: slowMode, history, target };
  return {
    ...told,
    user_id: line.userId,
    client_id: line.clientId,
    reply_to: line.replyTo,
    thread: line.thread,
    edited_at: line.editedAt,
    member_name: line.memberName,
    as_of: line.asOf,
  };
}

/** @param {unknown} value @returns {Entry | null} */
function readLine(value) {
  const line = entryOf(value);
  if (line === null || !isData(value) || !isLine(line.type)) return null;
  return { ...line, asOf: Math.max(line.seq, asSeq(value.as_of)) };
}
