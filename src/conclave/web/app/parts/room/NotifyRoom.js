/** The dialog that says of what in a room one is notified: it holds at once, on all devices. */

import { useState } from "../../../vendor/preact-hooks.js";
import { asks } from "../../asks.js";
import { html } from "../../html.js";
import { words } from "../../words.js";
import { Dialog } from "../Dialog.js";
import { Wrong } from "../Wrong.js";

/** @import { Page } from "../../page.js" */
/** @import { Notify } from "../../../client/infos.js" */

/** @param {{page: Page, room: string}} given */
export function NotifyRoom({ page, room }) {
  const says = words.notifyRoom;
  const info = page.infoOf(room);
  const [wrong, setWrong] = useState("");
  const [wanted, setWanted] = useState(/** @type {Notify | null} */ (null));
  if (info === null) return null;
  /** @param {Notify} notify */
  const choose = async (notify) => {
    setWanted(notify);
    const { refusal } = await asks(page, (client, done) => client.governing.notify(room, notify, done));
    setWrong(refusal === null ? "" : says.refused(refusal.code));
    // What was not taken is not shown as if it were.
    setWanted(null);
  };
  const chosen = wanted ?? info.notify;
  return html`<${Dialog} title=${says.title(info.title)} close=${says.close} onClose=${() => page.show(null)}>
    <fieldset class="choices">
      <legend>${says.of}</legend>
      ${says.choices.map(
        ([name, label, hint]) =>
          html`<label key=${name} class="choice">
            <input type="radio" name="notify" value=${name} checked=${chosen === name} data-focus=${chosen === name ? "" : undefined} onChange=${() => choose(name)} />
            <span>${label}<span class="meta">${hint}</span></span>
          </label>`,
      )}
    </fieldset>
    ${wrong !== "" && html`<${Wrong} text=${wrong} />`}
    <p class="meta">${says.hint}</p>
  <//>`;
}
