/**
 * JSON text of the server to frames and entries that the rest may trust, and back.
 *
 * A server can be hostile or broken: what is not of the expected shape becomes null or a
 * default here, so that no other file has to ask. Nothing is looked up in plain objects by
 * names from the wire; maps hold them. It does not know what the frames mean.
 */

/**
 * @typedef {Record<string, unknown>} Data
 * @typedef {{type: string, data: Data, id: string | null}} Frame
 * @typedef {{emoji: string, count: number, users: string[], me: boolean}} Reaction   users: the first of them
 * @typedef {{id: string, name: string, type: string, size: number, width: number | null, height: number | null, thumb: boolean, alt: string}} Attached
 *   a file of a message; what is not known is null or empty; thumb: whether there is a small picture of it
 * @typedef {object} Entry   one numbered entry of a room's log; what it has not is null or empty
 * @property {string} type
 * @property {string} room
 * @property {number} seq
 * @property {string} id
 * @property {string} user     display name at the time
 * @property {string} userId
 * @property {number} timestamp  milliseconds since 1970
 * @property {string} text
 * @property {string | null} clientId   the request's id, where it was one's own
 * @property {number | null} replyTo
 * @property {number | null} thread     the number of the message that began the thread
 * @property {string[]} mentions        user ids
 * @property {Attached[]} attachments
 * @property {boolean} bot              whether a program wrote it
 * @property {number | null} editedAt
 * @property {boolean} deleted
 * @property {boolean} pinned
 * @property {Reaction[]} reactions
 * @property {number | null} target     the message that a change is about
 * @property {string} emoji
 * @property {string | null} member     whom a `member:…` entry is about
 * @property {string | null} memberName
 * @property {string | null} role
 * @property {string | null} title      what `room:updated` set
 * @property {string | null} topic
 * @property {boolean | null} archived
 * @property {number | null} slowMode
 * @property {string | null} history
 * @property {Data | null} data   of an application's own kind: what it has besides the text
 * @property {number} asOf   changes up to this number are in it already
 * @typedef {{type: string, room: string, name: string, userId: string | null, role: string, timestamp: number}} Notice
 * @typedef {object} History
 * @property {string} room
 * @property {Entry[]} entries
 * @property {string} epoch
 * @property {number} firstSeq
 * @property {number} lastSeq
 * @property {number} upto
 * @property {string} uptoId   of the entry at `upto`, where that is the room's last
 * @property {boolean} more
 * @property {boolean} reset
 * @typedef {{id: string, name: string, role: string, status: string}} Person
 */

/** @param {unknown} value @returns {value is Data} */
export function isData(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @param {unknown} value @param {string} [otherwise] */
export function asText(value, otherwise = "") {
  return typeof value === "string" ? value : otherwise;
}

/** @param {unknown} value */
export function asNumber(value, otherwise = 0) {
  return typeof value === "number" && Number.isFinite(value) ? value : otherwise;
}

/** @param {unknown} value */
export function asSeq(value, otherwise = 0) {
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : otherwise;
}

/** A page of history has at most 128 KiB; what is so much more is no frame of a server that means well. */
const MOST_FRAME_CHARS = 4 * 1024 * 1024;

/**
 * One frame of the server, or null for what is none.
 *
 * @param {unknown} text
 * @returns {Frame | null}
 */
export function decode(text) {
  if (typeof text !== "string" || text.length > MOST_FRAME_CHARS) return null;
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isData(value) || typeof value.type !== "string") return null;
  return {
    type: value.type,
    data: isData(value.data) ? value.data : {},
    id: typeof value.id === "string" ? value.id : null,
  };
}

/** @param {string} type @param {object} data @param {string} [id] */
export function encode(type, data, id) {
  return JSON.stringify(id === undefined ? { type, data } : { type, data, id });
}

/** How large a frame is on its way. @param {string} type @param {object} data @param {string} id */
export function frameBytes(type, data, id) {
  return new TextEncoder().encode(encode(type, data, id)).length;
}

/** A message may have at most 20 different ones, and 50 mentions; a server that lies is not believed. */
const MOST_LISTED = 100;

/** @param {unknown} value */
export function asList(value) {
  return Array.isArray(value) ? value.slice(0, MOST_LISTED) : [];
}

/** @param {unknown} value @returns {string[]} */
export function textsOf(value) {
  return asList(value).filter((one) => typeof one === "string");
}

/** @param {unknown} value @returns {Reaction[]} */
function reactionsOf(value) {
  /** @type {Map<string, Reaction>} */
  const found = new Map();
  for (const one of asList(value)) {
    if (!isData(one) || typeof one.emoji !== "string" || found.has(one.emoji)) continue;
    const users = [...new Set(textsOf(one.users))];
    const count = Math.max(asSeq(one.count), users.length);
    if (count > 0) found.set(one.emoji, { emoji: one.emoji, count, users, me: one.me === true });
  }
  return inOrder([...found.values()]);
}

/**
 * By emoji: a page does not say which came first once some of them are taken back, and
 * who was there all the time must see the same as who comes now.
 *
 * @param {Reaction[]} reactions
 */
export function inOrder(reactions) {
  return reactions.toSorted((a, b) => (a.emoji < b.emoji ? -1 : 1));
}

/** What most lines have of mentions and reactions: one for all of them. */
const NONE = /** @type {never[]} */ (Object.freeze([]));

/** @template T @param {T[]} list @returns {T[]} */
const orNone = (list) => (list.length === 0 ? NONE : list);

const MOST_ALIKE = 1_000;
const ALIKE_CHARS = 64;
/** @type {Map<string, string>} */
const alike = new Map();

/** Names that thousands of lines have: kept once, and not as often as they were read. @param {string} text */
function once(text) {
  const known = alike.get(text);
  if (known !== undefined || text.length > ALIKE_CHARS) return known ?? text;
  if (alike.size >= MOST_ALIKE) alike.clear();
  alike.set(text, text);
  return text;
}

/** @param {unknown} value */
const textOrNull = (value) => (typeof value === "string" ? value : null);

/** @param {unknown} value */
const seqOrNull = (value) => asSeq(value) || null;

/** What a message is told as that has files and no text. @param {Attached[]} attachments */
export const namesIn = (attachments) => attachments.map(({ name }) => name).join(", ");

/** What a message says itself. @param {{text: string, attachments: Attached[]}} entry */
export const textIn = ({ text, attachments }) => (text === namesIn(attachments) ? "" : text);

/** One file of a message, or null for what is none. @param {unknown} value @returns {Attached | null} */
export function attachedOf(value) {
  if (!isData(value) || !/^[\da-f]{32}$/.test(asText(value.id))) return null;
  const { id, name, type, size, width, height, thumb, alt } = value;
  return { id: asText(id), name: asText(name, "?"), type: asText(type), size: asSeq(size), width: seqOrNull(width), height: seqOrNull(height), thumb: thumb === true, alt: asText(alt) };
}

/** @param {unknown} value */
export const attachmentsOf = (value) => asList(value).map(attachedOf).filter((one) => one !== null);

/**
 * A numbered entry, or null for one without a number or room.
 *
 * @param {unknown} value
 * @returns {Entry | null}
 */
export function entryOf(value) {
  if (!isData(value) || typeof value.room !== "string") return null;
  const seq = asSeq(value.seq);
  if (seq === 0) return null;
  const deleted = value.deleted === true;
  const attachments = deleted ? NONE : attachmentsOf(value.attachments);
  return {
    type: asText(value.type, "message"),
    room: once(value.room),
    seq,
    id: asText(value.id),
    user: once(asText(value.user, "?")),
    userId: once(asText(value.user_id)),
    timestamp: asNumber(value.timestamp),
    text: deleted ? "" : asText(value.text) || namesIn(attachments),
    clientId: asText(value.client_id) || null,
    replyTo: seqOrNull(value.reply_to),
    thread: seqOrNull(value.thread),
    mentions: orNone(deleted ? [] : textsOf(value.mentions)),
    attachments: orNone(attachments),
    bot: value.bot === true,
    editedAt: seqOrNull(value.edited_at),
    deleted,
    pinned: value.pinned === true && !deleted,
    reactions: orNone(deleted ? [] : reactionsOf(value.reactions)),
    target: seqOrNull(value.target),
    emoji: asText(value.emoji),
    member: asText(value.member) || null,
    memberName: asText(value.member_name) || null,
    role: asText(value.role) || null,
    title: textOrNull(value.title),
    topic: textOrNull(value.topic),
    archived: typeof value.archived === "boolean" ? value.archived : null,
    slowMode: Number.isSafeInteger(value.slow_mode) ? Number(value.slow_mode) : null,
    history: textOrNull(value.history),
    data: isData(value.data) ? value.data : null,
    asOf: seq,
  };
}

const NOTICE_WORDS = / has (?:joined|left) the room$/;

/**
 * Somebody came in or left: told, not numbered. The name is in `member_name`, or, as the
 * oldest dialect has it, only in the text.
 *
 * @param {Data} data
 * @returns {Notice | null}
 */
export function noticeOf(data) {
  if (data.type !== "user:joined" && data.type !== "user:left") return null;
  if (typeof data.room !== "string") return null;
  const text = asText(data.text);
  return {
    type: data.type,
    room: data.room,
    name: asText(data.member_name) || text.replace(NOTICE_WORDS, ""),
    userId: asText(data.member) || asText(data.user_id) || null,
    role: asText(data.role, "user"),
    timestamp: asNumber(data.timestamp),
  };
}

/**
 * @param {Data} data
 * @returns {History | null}
 */
export function historyOf(data) {
  if (typeof data.room !== "string" || !Array.isArray(data.messages)) return null;
  const entries = [];
  for (const value of data.messages) {
    const entry = entryOf(value);
    if (entry !== null && entry.room === data.room) entries.push(entry);
  }
  entries.sort((a, b) => a.seq - b.seq);
  const newest = entries.at(-1)?.seq ?? 0;
  return {
    room: data.room,
    entries,
    epoch: asText(data.epoch),
    firstSeq: asSeq(data.first_seq),
    lastSeq: asSeq(data.last_seq, newest),
    upto: asSeq(data.upto, newest),
    uptoId: asText(data.upto_id),
    more: data.more === true,
    reset: data.reset === true,
  };
}

/**
 * @param {unknown} value
 * @returns {Person | null}
 */
export function personOf(value) {
  if (!isData(value) || typeof value.id !== "string") return null;
  return {
    id: value.id,
    name: asText(value.name, value.id),
    role: asText(value.role, "user"),
    status: asText(value.status, "online"),
  };
}
