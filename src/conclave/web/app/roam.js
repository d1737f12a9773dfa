/** From room to room, in the order of the list. */

/** @import { Page } from "./page.js" */

/** Go to the room *by* places further, or to the next one in that direction with something unread; round at the end. @param {Page} page @param {1 | -1} by @param {boolean} [unread] */
export function step(page, by, unread = false) {
  const rooms = page.listed;
  const at = rooms.findIndex(({ room }) => room === page.place.room);
  const { length } = rooms;
  // From nowhere the first one is next, and the last one before.
  const from = at === -1 && by === -1 ? length : at;
  for (let n = 1; n <= length; n += 1) {
    const next = rooms[(from + by * n + 2 * length) % length];
    if (next === undefined || next.room === page.place.room) continue;
    if (!unread || page.client.unread.of(next.room) > 0) return page.goTo(next.room);
  }
}
