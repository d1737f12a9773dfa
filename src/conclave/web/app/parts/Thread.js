/** A thread beside the log: the message it began with, the replies, and a field of its own. */

import { useEffect, useState } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";
import { Timeline } from "../timeline.js";
import { words } from "../words.js";
import { aroundOf } from "./around.js";
import { Composer } from "./Composer.js";
import { Lines } from "./Lines.js";
import { PanelFrame } from "./Panel.js";
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
  const known = client.shownAll(name, thread?.lines ?? NO_LINES);
  const first = known.length === 0 ? client.quoteOf(name, root) : null;
  const [timeline] = useState(() => new Timeline());
  const [view] = useState(() => new View());
  const pending = client.outbox.of(name).filter((item) => item.thread === root);
  const from = timeline.update({ lines: first ? [first] : known, notices: [], pending, newFrom: null, me: client.me?.id ?? "" });
  view.show(timeline.rows, from);
  const refusal = thread?.refusal ?? null;
  const above = refusal !== null && html`<p class="error" role="alert">${words.thread.refused(refusal)}</p>`;
  return html`<${PanelFrame} page=${page} title=${words.thread.title} alone=${alone} name="thread">
    <${Lines} page=${page} view=${view} around=${aroundOf(page, name, null, timeline)} label=${words.thread.label} above=${above} inThread />
    <${Composer} page=${page} desk=${{ room: name, thread: root }} />
  <//>`;
}

/** @type {import("../../client/wire.js").Entry[]} */
const NO_LINES = [];
