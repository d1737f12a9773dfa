/** What one most often does with a message, at the edge of its line while it is pointed at. */

import { openThread, reply } from "../deeds.js";
import { html } from "../html.js";
import { may } from "../rights.js";
import { words } from "../words.js";
import { Icon } from "./Icon.js";

/** @import { Page } from "../page.js" */
/** @import { Entry } from "../../client/wire.js" */

/** @param {{page: Page, entry: Entry, inThread: boolean, stop: number}} given */
export function Tools({ page, entry, inThread, stop }) {
  const { actions } = words;
  const info = page.infoOf(entry.room);
  /** @param {"menu" | "emoji"} what */
  const open = (what) => (/** @type {{currentTarget: Element}} */ { currentTarget }) => page.act({ entry, what, beside: currentTarget, inThread });
  const tools = [
    may(info, "react") && { icon: "smile", label: actions.react, act: open("emoji"), popup: "dialog" },
    may(info, "write") && { icon: "reply", label: actions.reply, act: () => reply(page, entry, inThread) },
    !inThread && { icon: "thread", label: actions.thread, act: () => openThread(page, entry) },
    { icon: "menu", label: actions.more, act: open("menu"), popup: "menu" },
  ].filter((tool) => tool !== false);
  return html`<div class="tools" role="group" aria-label=${actions.of(entry.seq)}>
    ${tools.map(
      ({ icon, label, act, popup }) =>
        html`<button class="icon-button" type="button" tabindex=${stop} aria-label=${label} title=${label} aria-haspopup=${popup} onClick=${act}>
          <${Icon} name=${icon} />
        </button>`,
    )}
  </div>`;
}
