/** Answers that carry lists, as the rest may trust them: see wire.js. */

import { asList, asNumber, asSeq, asText, isData } from "./wire.js";

/** @import { Data } from "./wire.js" */
/**
 * @typedef {{id: string, name: string, role: string, joinedAt: number, bot: boolean}} Member
 * @typedef {{members: Member[], more: boolean}} Members
 * @typedef {{id: string, name: string, displayName: string, status: string}} FoundPerson
 * @typedef {{id: string, name: string, displayName: string, about: string, role: string, status: string}} Profile
 * @typedef {{text: string, hit: boolean}} Piece
 * @typedef {{room: string, seq: number, user: string, name: string, timestamp: number, snippet: Piece[]}} Hit
 * @typedef {{hits: Hit[], more: boolean, cursor: string | null, behind: number}} Hits
 *   cursor: what to ask the next page with; behind: entries that are not searched yet
 */

/**
 * @typedef {{user: string, name: string, kind: "ban" | "mute", by: string, at: number, until: number | null, reason: string}} Sanction
 * @typedef {object} Link   what lets people in, without its secret
 * @property {string} id
 * @property {string} kind
 * @property {string} name
 * @property {string} createdBy
 * @property {number} createdAt
 * @property {number | null} expiresAt
 * @property {number | null} usesLeft   null: as often as anybody likes
 * @property {number} uses
 * @property {string} room
 * @property {string} role
 * @property {string} user
 * @typedef {object} Report
 * @property {string} id
 * @property {string} room
 * @property {number} seq
 * @property {string} author   user id of who wrote the message
 * @property {string} name     their name at the time
 * @property {string} text     "" where it is deleted
 * @property {string} user     who reported
 * @property {string} reason
 * @property {number} at
 * @property {string} outcome  "" while it is open
 */

/** @param {Data} data @returns {Members} */
export function membersOf(data) {
  const members = withId(data.members).map(({ id, name, role, joined_at, bot }) => ({
    id: asText(id),
    name: asText(name, asText(id)),
    role: asText(role, "member"),
    joinedAt: asNumber(joined_at),
    bot: bot === true,
  }));
  return { members, more: data.more === true };
}

/** @param {Data} data @returns {FoundPerson[]} */
export function peopleOf(data) {
  return withId(data.users).map(({ id, name, display_name, status }) => ({
    id: asText(id),
    name: asText(name, asText(id)),
    displayName: asText(display_name),
    status: asText(status, "offline"),
  }));
}

/** @param {Data} data @returns {Profile} */
export function profileOf(data) {
  const { id, name, display_name, about, role, status } = data;
  return { id: asText(id), name: asText(name), displayName: asText(display_name), about: asText(about), role: asText(role, "user"), status: asText(status) };
}

/** @param {Data} data @returns {Hits} */
export function hitsOf(data) {
  const hits = asList(data.hits).filter(isData).map(hitOf).filter(({ room, seq }) => room !== "" && seq > 0);
  return { hits, more: data.more === true, cursor: asText(data.cursor) || null, behind: asSeq(data.behind) };
}

/** @param {Data} hit @returns {Hit} */
function hitOf({ room, seq, user, name, timestamp, snippet }) {
  const pieces = asList(snippet).filter(isData);
  return {
    room: asText(room),
    seq: asSeq(seq),
    user: asText(user),
    name: asText(name, asText(user)),
    timestamp: asNumber(timestamp),
    snippet: pieces.map(({ text, hit }) => ({ text: asText(text), hit: hit === true })),
  };
}

/** @param {Data} data @returns {{sanctions: Sanction[], more: boolean}} */
export function sanctionsOf(data) {
  const found = asList(data.sanctions).filter(isData).filter(({ user }) => asText(user) !== "");
  const sanctions = found.map(({ user, name, kind, by, at, until, reason }) => ({
    user: asText(user),
    name: asText(name, asText(user)),
    kind: /** @type {"ban" | "mute"} */ (kind === "mute" ? "mute" : "ban"),
    by: asText(by),
    at: asNumber(at),
    until: timeOrNull(until),
    reason: asText(reason),
  }));
  return { sanctions, more: data.more === true };
}

/** @param {Data} data @returns {Link[]} */
export function linksOf(data) {
  return withId(data.links).map((link) => ({
    id: asText(link.id),
    kind: asText(link.kind),
    name: asText(link.name),
    createdBy: asText(link.created_by),
    createdAt: asNumber(link.created_at),
    expiresAt: timeOrNull(link.expires_at),
    usesLeft: timeOrNull(link.uses_left),
    uses: asSeq(link.uses),
    room: asText(link.room),
    role: asText(link.role),
    user: asText(link.user),
  }));
}

/** @param {Data} data @returns {{reports: Report[], more: boolean}} */
export function reportsOf(data) {
  const reports = withId(data.reports).map((report) => ({
    id: asText(report.id),
    room: asText(report.room),
    seq: asSeq(report.seq),
    author: asText(report.author),
    name: asText(report.name, asText(report.author)),
    text: asText(report.text),
    user: asText(report.user),
    reason: asText(report.reason),
    at: asNumber(report.at),
    outcome: asText(report.outcome),
  }));
  return { reports, more: data.more === true };
}

/** @param {Data} data @returns {{id: string, name: string}[]} */
export function ignoredOf(data) {
  const users = Array.isArray(data.users) ? data.users : [];
  return users.filter(isData).map(({ id, name }) => ({ id: asText(id), name: asText(name, asText(id)) }));
}

/** @param {unknown} value */
const timeOrNull = (value) => (typeof value === "number" && Number.isFinite(value) ? value : null);

/** @param {unknown} list */
function withId(list) {
  return asList(list).filter(isData).filter(({ id }) => asText(id) !== "");
}
