/** Answers that carry lists, as the rest may trust them: see wire.js. */

import { asList, asNumber, asSeq, asText, isData } from "./wire.js";

/** @import { Data } from "./wire.js" */
/**
 * @typedef {{id: string, name: string, role: string, joinedAt: number}} Member
 * @typedef {{members: Member[], more: boolean}} Members
 * @typedef {{id: string, name: string, displayName: string, status: string}} FoundPerson
 * @typedef {{text: string, hit: boolean}} Piece
 * @typedef {{room: string, seq: number, user: string, name: string, timestamp: number, snippet: Piece[]}} Hit
 * @typedef {{hits: Hit[], more: boolean, cursor: string | null, behind: number}} Hits
 *   cursor: what to ask the next page with; behind: entries that are not searched yet
 */

/** @param {Data} data @returns {Members} */
export function membersOf(data) {
  const members = withId(data.members).map(({ id, name, role, joined_at }) => ({
    id: asText(id),
    name: asText(name, asText(id)),
    role: asText(role, "member"),
    joinedAt: asNumber(joined_at),
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

/** @param {unknown} list */
function withId(list) {
  return asList(list).filter(isData).filter(({ id }) => asText(id) !== "");
}
