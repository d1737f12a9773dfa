/**
 * The log of the open room, or a part of it that an address named. The view stays where the
 * reader is: at the end it follows what comes, elsewhere it holds still, also while older
 * and newer pages come in around it.
 */

import { useEffect, useLayoutEffect, useRef, useState } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";
import { Timeline } from "../timeline.js";
import { words } from "../words.js";
import { aroundOf } from "./around.js";
import { Beginning } from "./Beginning.js";
import { Icon } from "./Icon.js";
import { Lines } from "./Lines.js";
import { useTarget } from "./target.js";
import { View } from "./view.js";

/** @import { Page } from "../page.js" */
/** @import { Place } from "../route.js" */
/** @import { Row } from "../timeline.js" */
/** @import { Room } from "../../client/room.js" */
/** @import { RoomLog } from "../../client/roomlog.js" */
/** @import { Entry } from "../../client/wire.js" */

/** @param {{page: Page, room: Room, place: Place}} given */
export function Log({ page, room, place }) {
  const { client } = page;
  const me = client.me?.id ?? "";
  const elsewhere = room.around?.begun ? room.around : null;
  const lines = elsewhere === null ? client.linesOf(room.name) : client.shownAll(room.name, elsewhere.lines);
  const [timeline] = useState(() => new Timeline());
  const [view] = useState(() => new View());
  const from = timeline.update({
    lines,
    notices: elsewhere === null ? room.notices : NO_NOTICES,
    pending: elsewhere === null ? client.outbox.of(room.name) : [],
    newFrom: client.unread.starts.get(room.name)?.seq ?? null,
    me,
  });
  view.show(timeline.rows, from);
  const [atEnd, setAtEnd] = useState(false);
  view.begun = room.log.begun;
  view.follows = elsewhere === null;
  view.onEnd = (now) => {
    setAtEnd(now);
    page.going.sees(now);
  };
  view.onPlace = (row) => (room.log.reader = row === null ? null : seqOf(row));
  // Asked after each drawing: what would change nothing must not draw again.
  view.onTop = () => room.mayReadOlder && page.driver.act((client) => client.pages.readOlder(room.name));
  view.onBottom = () => room.mayReadNewer && page.driver.act((client) => client.pages.readNewer(room.name));
  useLayoutEffect(() => () => page.going.sees(false), [page]);
  useLayoutEffect(() => lookingAt(room.log), [room.log]);
  useTarget(page, room, place, (seq) => view.go(timeline.placeOf(seq)));
  const below = useBelow(room, lines, me, atEnd);
  const latest = () => {
    view.wantsEnd = true;
    page.driver.act((client) => client.pages.closeAround(room.name));
    page.goTo(room.name);
    view.toEnd();
  };
  page.reading.toNewest = () => {
    if (elsewhere === null) return void view.goToLast();
    view.wantsLast = true;
    latest();
  };
  page.reading.toSent = () => (elsewhere === null ? void (view.wantsEnd = true) : latest());
  useEffect(() => () => page.reading.close(), [page]);
  const empty = !timeline.rows.some(({ kind }) => kind === "message" || kind === "pending" || kind === "new");
  return html`<div class="log-frame">
    <${Lines} page=${page} view=${view} around=${aroundOf(page, room.name, place.seq, timeline)} label=${words.log(room.name)} above=${html`<${Beginning} page=${page} room=${room} empty=${empty} />`} />
    ${(elsewhere !== null || (below > 0 && !atEnd)) &&
    html`<button class="jump" type="button" title=${words.log_.jump} onClick=${latest}>
      ${below > 0 && elsewhere === null ? words.log_.newBelow(below) : words.log_.latest}<${Icon} name="down" />
    </button>`}
  </div>`;
}

/** @type {import("../../client/room.js").Heard[]} */
const NO_NOTICES = [];

/** What is looked at is kept. @param {RoomLog} log */
function lookingAt(log) {
  log.open = true;
  return () => void Object.assign(log, { open: false, reader: null });
}

/** @param {Row} row */
function seqOf(row) {
  return row.kind === "message" || row.kind === "noted" ? row.entry.seq : null;
}

/** How many messages of others came in below what is in sight. @param {Room} room @param {Entry[]} lines @param {string} me @param {boolean} atEnd */
function useBelow(room, lines, me, atEnd) {
  const last = room.log.upto;
  const seen = useRef(last);
  if (atEnd) seen.current = last;
  let below = 0;
  for (let at = lines.length - 1; (lines[at]?.seq ?? 0) > seen.current; at -= 1) {
    const line = /** @type {Entry} */ (lines[at]);
    if (line.userId !== me && line.type === "message" && !line.deleted) below += 1;
  }
  return below;
}
