/** Why nothing can be sent to a room just now, and until when: what is written stays. */

/** @import { Page } from "./page.js" */
/** @typedef {{why: "archived" | "forbidden", until: null} | {why: "muted", until: number | null} | {why: "slow", until: number}} Bar   until: by the server's clock */

/** @param {Page} page @param {string} room @returns {Bar | null} */
export function barOf(page, room) {
  const info = page.infoOf(room);
  if (info === null) return null;
  const now = page.serverNow;
  if (info.archived) return { why: "archived", until: null };
  if (info.muted && (info.mutedUntil ?? Infinity) > now) return { why: "muted", until: info.mutedUntil };
  if (info.may !== null && !info.muted && !info.may.includes("write")) return { why: "forbidden", until: null };
  const until = info.slowMode > 0 && info.role === "member" ? lastSaid(page, room) + info.slowMode * 1_000 : 0;
  return until > now ? { why: "slow", until } : null;
}

/** When one's own last message there was stored. @param {Page} page @param {string} room */
function lastSaid({ client }, room) {
  const lines = client.rooms.get(room)?.log.lines ?? [];
  return lines.findLast(({ type, userId }) => type === "message" && userId === client.me?.id)?.timestamp ?? 0;
}
