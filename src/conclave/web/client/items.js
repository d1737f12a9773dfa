/**
 * What an outbox holds: one request that changes a room's log, as it was wished for, as it
 * is sent, and as it is kept.
 */

import { asText, attachmentsOf, isData } from "./wire.js";

/** @import { Attached } from "./wire.js" */
/**
 * @typedef {object} Wanted   what a person wants of a room; what does not apply is null or empty
 * @property {string} type    of the request
 * @property {string} room
 * @property {string} text
 * @property {number | null} replyTo
 * @property {number | null} thread
 * @property {string[]} mentions
 * @property {Attached[]} attachments   sent over HTTP before
 * @property {number | null} target
 * @property {string} emoji
 *
 * @typedef {Wanted & {id: string, at: number, code: string | null}} Kept
 *   at: wall time it was written, for people; code: why it failed
 *
 * @typedef {object} Way      how far it has come
 * @property {number} since   when it was written, in the clock that never jumps
 * @property {"waiting" | "sent" | "stored" | "failed"} state
 * @property {number} tries
 * @property {number} notBefore
 * @property {number} sentAt
 * @property {number | null} seq
 *
 * @typedef {Kept & Way} Item
 * @typedef {{replyTo?: number | null, thread?: number | null, mentions?: string[], attachments?: Attached[], id?: string}} Beside   what stands beside a message's text; id: what it was tried to be sent under before
 */

/** What may be in an outbox: anything else that was kept is not sent. */
const TYPES = new Set(["chat", "message:edit", "message:delete", "message:pin", "message:unpin", "reaction:add", "reaction:remove"]);

/** @param {string} room @param {string} text @param {Beside} [beside] @returns {Wanted} */
export function messageFor(room, text, { replyTo = null, thread = null, mentions = [], attachments = [] } = {}) {
  return { type: "chat", room, text, replyTo, thread, mentions, attachments, target: null, emoji: "" };
}

/** @param {string} type @param {string} room @param {number} target @param {{text?: string, emoji?: string}} [more] @returns {Wanted} */
export function changeOf(type, room, target, { text = "", emoji = "" } = {}) {
  return { type, room, text, replyTo: null, thread: null, mentions: [], attachments: [], target, emoji };
}

/** What is kept of *item*. @param {Item} item @returns {Kept} */
export function keptOf({ id, type, room, text, replyTo, thread, mentions, attachments, target, emoji, at, code }) {
  return { id, type, room, text, replyTo, thread, mentions, attachments, target, emoji, at, code };
}

/** @param {Kept} kept @param {number} now @returns {Item} */
export function newItem(kept, now) {
  const state = kept.code === null ? "waiting" : "failed";
  return { ...kept, since: now, state, tries: 0, notBefore: 0, sentAt: 0, seq: null };
}

/** The data of the request. @param {Wanted} wanted @returns {object} */
export function dataOf({ type, room, text, replyTo, thread, mentions, attachments, target, emoji }) {
  if (type !== "chat") return { room, target, ...(text && { text }), ...(emoji && { emoji }) };
  return { room, text, ...(replyTo && { reply_to: replyTo }), ...(thread && { thread }), ...(mentions.length > 0 && { mentions }), ...(attachments.length > 0 && { attachments: attachments.map(({ id, alt }) => ({ id, alt })) }) };
}

/**
 * What was kept, or null for what is none: storage can be changed by hand, or be of
 * another version.
 *
 * @param {unknown} value
 * @returns {Kept | null}
 */
export function readKept(value) {
  if (!isData(value)) return null;
  const { id, type, room, text, replyTo, thread, mentions, target, emoji, at, code } = value;
  if (![id, type, room, text, emoji].every((part) => typeof part === "string") || !TYPES.has(asText(type))) return null;
  if (![replyTo, thread, target].every(isSeqOrNull) || !Number.isSafeInteger(at)) return null;
  if (!Array.isArray(mentions) || !mentions.every((one) => typeof one === "string")) return null;
  if (!(code === null || typeof code === "string") || !/^[A-Za-z0-9_.:-]{1,64}$/.test(asText(id))) return null;
  return /** @type {Kept} */ ({ id, type, room, text, replyTo, thread, mentions, attachments: attachmentsOf(value.attachments), target, emoji, at, code });
}

/** @param {unknown} value */
function isSeqOrNull(value) {
  return value === null || (Number.isSafeInteger(value) && Number(value) > 0);
}
