/** A thread beside the log: the message it began with, the replies, and a field of its own. */

import { useEffect, useLayoutEffect, useRef, useState } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";
import { rowsOf } from "../timeline.js";
import { words } from "../words.js";
import { aroundOf } from "./around.js";
import { Composer } from "./Composer.js";
import { PanelFrame } from "./Panel.js";
import { RowOf } from "./Row.js";
import { View } from "./view.js";

/** @import { Page } from "../page.js" */

/** @param {{page: Page, name: string, root: number, alone: boolean}} given */
export function Thread({ page, name, root, alone }) {
  const { client, driver, room } = page;
  const attached = room?.attached === true;
  useEffect(() => {
    if (attached) driver.act((client) => client.pages.readThread(name, root));
  }, [driver, name, root, attached]);
  useEffect(() => () => driver.act((client) => client.pages.closeThread(name)), [driver, name]);
  const thread = room?.thread ?? null;
  const known = (thread?.lines ?? []).map((line) => client.shown(line));
  const first = known.length === 0 ? client.quoteOf(name, root) : null;
  const lines = first ? [first] : known;
  const rows = rowsOf({
    lines,
    notices: [],
    pending: client.outbox.of(name).filter((item) => item.thread === root),
    newFrom: null,
    around: aroundOf(page, name, null),
  });
  return html`<${PanelFrame} page=${page} title=${words.thread.title} alone=${alone} name="thread">
    <${Lines} page=${page} rows=${rows} refusal=${thread?.refusal ?? null} turn=${{}} />
    <${Composer} page=${page} desk=${{ room: name, thread: root }} />
  <//>`;
}

/** @param {{page: Page, rows: import("../timeline.js").Row[], refusal: string | null}} given */
function Lines({ page, rows, refusal }) {
  /** @type {{current: HTMLDivElement | null}} */
  const box = useRef(null);
  const [view] = useState(() => new View());
  useLayoutEffect(() => view.hold(box.current));
  useEffect(() => view.watch(/** @type {HTMLElement} */ (box.current)), [view]);
  return html`<div
    class="log thread-log"
    ref=${box}
    role="log"
    aria-live="off"
    aria-label=${words.thread.label}
    tabindex="0"
    onScroll=${() => view.scrolled()}
    onKeyDown=${(/** @type {KeyboardEvent} */ event) => view.key(event)}
  >
    <div class="log-inside">
      ${refusal !== null && html`<p class="error" role="alert">${words.thread.refused(refusal)}</p>`}
      ${rows.map((row) => html`<${RowOf} key=${row.key} row=${row} page=${page} inThread />`)}
    </div>
  </div>`;
}
