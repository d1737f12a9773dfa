/** What a room's rows show besides their own line, asked of the page. */

/** @import { Page } from "../page.js" */
/** @import { Around } from "../dressing.js" */
/** @import { Timeline } from "../timeline.js" */

/** @param {Page} page @param {string} room @param {number | null} marked @param {Timeline} timeline @returns {Around} */
export function aroundOf(page, room, marked, timeline) {
  const { client } = page;
  return {
    me: client.me?.id ?? "",
    marked,
    quoteOf: (seq) => client.quoteOf(room, seq),
    namesOf: (ids) => ids.map((id) => ({ id, name: page.members.nameOf(room, id) })).filter(({ name }) => name !== ""),
    repliesOf: (seq) => timeline.replies.get(seq) ?? 0,
    ignores: ({ seq, userId }) => page.ignored.folds(room, seq, userId),
    changeOf: (seq) => client.outbox.changesOf(room, seq).find(({ state }) => state === "failed") ?? null,
  };
}
