/**
 * The log of the open room. The view stays where the reader is: at the end it follows what
 * comes, elsewhere it holds still, also while older pages come in above.
 */

import { useEffect, useLayoutEffect, useRef, useState } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";
import { rowsOf } from "../timeline.js";
import { words } from "../words.js";
import { Beginning } from "./Beginning.js";
import { Icon } from "./Icon.js";
import { RowOf } from "./Row.js";
import { View } from "./view.js";

/** @import { Page } from "../page.js" */
/** @import { Place } from "../route.js" */
/** @import { Room } from "../../client/room.js" */

/** @param {{page: Page, room: Room, place: Place}} given */
export function Log({ page, room, place }) {
  const { me, unread, outbox } = page.client;
  const start = unread.starts.get(room.name);
  const rows = rowsOf({
    lines: room.log.lines,
    notices: room.notices,
    pending: outbox.of(room.name),
    me: me?.id ?? "",
    newFrom: start?.seq ?? null,
  });
  /** @type {{current: HTMLDivElement | null}} */
  const box = useRef(null);
  const [view] = useState(() => new View());
  const [atEnd, setAtEnd] = useState(true);
  view.onEnd = setAtEnd;
  view.onTop = () => {
    // Asked after each drawing: what would change nothing must not draw again.
    if (room.mayReadOlder) {
      page.driver.act((client) => client.readOlder(room.name));
    }
  };
  useLayoutEffect(() => view.hold(box.current));
  useEffect(() => view.watch(/** @type {HTMLElement} */ (box.current)), [view]);
  useTarget(page, room, place, view);
  const last = room.log.upto;
  const seen = useRef(last);
  if (atEnd) seen.current = last;
  const below = room.log.lines.filter((line) => line.seq > seen.current && line.userId !== me?.id && line.type === "message").length;
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
        <${Beginning} page=${page} room=${room} empty=${rows.every((row) => row.kind === "folded" || row.kind === "day")} />
        ${rows.map((row) => html`<${RowOf} key=${row.key} row=${row} page=${page} />`)}
      </div>
    </div>
    ${below > 0 &&
    !atEnd &&
    html`<button class="jump" type="button" title=${words.log_.jump} onClick=${() => view.toEnd()}>
      ${words.log_.newBelow(below)}<${Icon} name="down" />
    </button>`}
  </div>`;
}

/** Go to the number the address names, reading older pages until it is there. @param {Page} page @param {Room} room @param {Place} place @param {View} view */
function useTarget(page, room, place, view) {
  const found = useRef(/** @type {Place | null} */ (null));
  useEffect(() => {
    if (place.seq === null || found.current === place) return;
    if (view.show(`line-${place.seq}`)) found.current = place;
    else if (room.mayReadOlder && (room.log.lines[0]?.seq ?? 0) > place.seq) {
      page.driver.act((client) => client.readOlder(room.name));
    }
  });
}
