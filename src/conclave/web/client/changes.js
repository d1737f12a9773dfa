/**
 * What an entry of a log makes of an earlier line: edits, deletions, reactions, pins.
 *
 * The same rules as the server's (protocol/state.py): what a page of messages shows and
 * what a stream of entries makes of an older page are the same. Lines are never changed in
 * place, so that who shows them can tell by identity. An edit without a text is one that is
 * not for this reader, or of a message that is deleted by now: it changes nothing.
 */

import { inOrder } from "./wire.js";

/** @import { Entry, Reaction } from "./wire.js" */
/**
 * @typedef {object} Change   an entry, or what one's own request will make
 * @property {string} type
 * @property {string} userId
 * @property {number} timestamp
 * @property {string} text
 * @property {string} emoji
 * @typedef {(line: Entry, change: Change, me: string) => Entry} Effect
 */

/** A sum of reactions names this many people at most. */
const MOST_NAMED = 20;

/** @type {Map<string, Effect>} */
const EFFECTS = new Map(
  /** @type {[string, Effect][]} */ ([
    ["message:edited", (line, { text, timestamp }) => (text === "" ? line : { ...line, text, editedAt: timestamp })],
    ["message:deleted", tombstone],
    ["message:pinned", (line) => (line.pinned ? line : { ...line, pinned: true })],
    ["message:unpinned", (line) => (line.pinned ? { ...line, pinned: false } : line)],
    ["reaction:added", (line, change, me) => withReactions(line, added(line.reactions, change, me))],
    ["reaction:removed", (line, change, me) => withReactions(line, removed(line.reactions, change, me))],
  ]),
);

/** Whether entries of *type* are no lines of their own but change one. @param {string} type */
export function isChange(type) {
  return EFFECTS.has(type);
}

/**
 * What *line* is after *change*; the same object when it makes no difference.
 *
 * @param {Entry} line @param {Change} change @param {string} me   one's own user id
 */
export function changed(line, change, me) {
  if (line.deleted || line.type !== "message") return line;
  return EFFECTS.get(change.type)?.(line, change, me) ?? line;
}

/**
 * *lines* (by number) after the entry *change*, the same array when it makes no difference.
 * A line that has it in it already stays as it is.
 *
 * @param {Entry[]} lines @param {Entry} change @param {string} me
 */
export function applied(lines, change, me) {
  const at = change.target === null ? -1 : indexOf(lines, change.target);
  const line = lines[at];
  if (line === undefined || change.seq <= line.asOf) return lines;
  return lines.with(at, { ...changed(line, change, me), asOf: change.seq });
}

/** Where the line *seq* is in *lines*, which are by number; -1 when it is not there. @param {Entry[]} lines @param {number} seq */
export function indexOf(lines, seq) {
  let low = 0;
  let high = lines.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = lines[middle]?.seq ?? 0;
    if (found === seq) return middle;
    if (found < seq) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** What stays of a deleted message: its number, and what it answered. @param {Entry} line @returns {Entry} */
function tombstone(line) {
  return { ...line, deleted: true, text: "", mentions: [], attachments: [], editedAt: null, pinned: false, reactions: [] };
}

/** @param {Entry} line @param {Reaction[]} reactions */
function withReactions(line, reactions) {
  return reactions === line.reactions ? line : { ...line, reactions };
}

/** @param {Reaction[]} reactions @param {Change} change @param {string} me */
function added(reactions, { emoji, userId }, me) {
  const own = userId === me;
  const at = reactions.findIndex((one) => one.emoji === emoji);
  const sum = reactions[at];
  if (sum === undefined) return inOrder([...reactions, { emoji, count: 1, users: [userId], me: own }]);
  if (sum.users.includes(userId) || (own && sum.me)) return reactions;
  // Somebody beyond the named ones may be counted already; lines know what is in them by number.
  const users = sum.users.length < MOST_NAMED ? [...sum.users, userId] : sum.users;
  return reactions.with(at, { ...sum, users, count: sum.count + 1, me: sum.me || own });
}

/** @param {Reaction[]} reactions @param {Change} change @param {string} me */
function removed(reactions, { emoji, userId }, me) {
  const own = userId === me;
  const at = reactions.findIndex((one) => one.emoji === emoji);
  const sum = reactions[at];
  const named = sum?.users.includes(userId) === true;
  const counted = named || (sum !== undefined && (own ? sum.me : sum.count > sum.users.length));
  if (sum === undefined || !counted) return reactions;
  if (sum.count === 1) return reactions.toSpliced(at, 1);
  const users = sum.users.filter((user) => user !== userId);
  return reactions.with(at, { ...sum, users, count: sum.count - 1, me: sum.me && !own });
}
