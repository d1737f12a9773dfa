/** Who becomes owner of a room when its only owner leaves it. The server decides by the same rule. */

/** @import { Member } from "../client/answers.js" */

/**
 * The heir; `"nobody"` when *me* is alone; null when *me* is not the only owner.
 *
 * @param {Member[]} members @param {string} me
 * @returns {Member | "nobody" | null}
 */
export function heirOf(members, me) {
  const owners = members.filter(({ role }) => role === "owner");
  if (owners.length !== 1 || owners[0]?.id !== me) return null;
  const others = members.filter(({ id }) => id !== me);
  const rank = (/** @type {Member} */ { role }) => (role === "moderator" ? 0 : 1);
  const [heir] = others.sort((a, b) => rank(a) - rank(b) || a.joinedAt - b.joinedAt);
  return heir ?? "nobody";
}
