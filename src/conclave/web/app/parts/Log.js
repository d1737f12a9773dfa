/**
 * The log of the open room, or a part of it that an address named. The view stays where the
 * reader is: at the end it follows what comes, elsewhere it holds still, also while older
 * and newer pages come in around it.
 */

import { useEffect, useLayoutEffect, useRef, useState } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";
import { rowsOf } from "../timeline.js";
import { words } from "../words.js";
import { aroundOf } from "./around.js";
import { Beginning } from "./Beginning.js";
import { Icon } from "./Icon.js";
import { RowOf } from "./Row.js";
import { useTarget } from "./target.js";
import { View } from "./view.js";

/** @import { Page } from "../page.js" */
/** @import { Place } from "../route.js" */
/** @import { Room } from "../../client/room.js" */
/** @import { Entry } from "../../client/wire.js" */

/** @param {{page: Page, room: Room, place: Place}} given */
export function Log({ page, room, place }) {
  const { client } = page;
  const me = client.me?.id ?? "";
  const elsewhere = room.around?.begun ? room.around : null;
  const lines = elsewhere === null ? client.linesOf(room.name) : elsewhere.lines.map((line) => client.shown(line));
  const rows = rowsOf({
    lines,
    notices: elsewhere === null ? room.notices : [],
    pending: elsewhere === null ? client.outbox.of(room.name) : [],
    newFrom: client.unread.starts.get(room.name)?.seq ?? null,
    around: aroundOf(page, room.name, place.seq),
  });
  /** @type {{current: HTMLDivElement | null}} */
  const box = useRef(null);
  const [view] = useState(() => new View());
  const [atEnd, setAtEnd] = useState(false);
  view.begun = room.log.begun;
  view.follows = elsewhere === null;
  view.onEnd = (now) => {
    setAtEnd(now);
    page.going.sees(now);
  };
  // Asked after each drawing: what would change nothing must not draw again.
  view.onTop = () => room.mayReadOlder && page.driver.act((client) => client.pages.readOlder(room.name));
  view.onBottom = () => room.mayReadNewer && page.driver.act((client) => client.pages.readNewer(room.name));
  useLayoutEffect(() => view.hold(box.current));
  useEffect(() => view.watch(/** @type {HTMLElement} */ (box.current)), [view]);
  useLayoutEffect(() => () => page.going.sees(false), [page]);
  useTarget(page, room, place, view);
  const below = useBelow(room, lines, me, atEnd);
  const latest = () => {
    view.wantsEnd = true;
    page.goTo(room.name);
    view.toEnd();
  };
  return html`<div class="log-frame">
    <div
      class="log"
      ref=${box}
      role="log"
      aria-live="off"
      aria-label=${words.log(room.name)}
      tabindex="0"
      onScroll=${() => view.scrolled()}
      onKeyDown=${(/** @type {KeyboardEvent} */ event) => view.key(event)}
    >
      <div class="log-inside">
        <${Beginning} page=${page} room=${room} empty=${rows.every((row) => row.kind === "folded" || row.kind === "day" || row.kind === "noted")} />
        ${rows.map((row) => html`<${RowOf} key=${row.key} row=${row} page=${page} />`)}
      </div>
    </div>
    ${(elsewhere !== null || (below > 0 && !atEnd)) &&
    html`<button class="jump" type="button" title=${words.log_.jump} onClick=${latest}>
      ${below > 0 && elsewhere === null ? words.log_.newBelow(below) : words.log_.latest}<${Icon} name="down" />
    </button>`}
  </div>`;
}

/** How many messages of others came in below what is in sight. @param {Room} room @param {Entry[]} lines @param {string} me @param {boolean} atEnd */
function useBelow(room, lines, me, atEnd) {
  const last = room.log.upto;
  const seen = useRef(last);
  if (atEnd) seen.current = last;
  return lines.filter((line) => line.seq > seen.current && line.userId !== me && line.type === "message" && !line.deleted).length;
}
