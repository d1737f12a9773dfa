/** What notifies one in this browser, and how. Nothing is asked of the browser before one presses. */

import { useEffect, useState } from "../../../vendor/preact-hooks.js";
import { html } from "../../html.js";
import { words } from "../../words.js";
import { Choice } from "../Choice.js";
import { Wrong } from "../Wrong.js";

/** @import { Page } from "../../page.js" */

/** @param {{page: Page}} given */
export function Notifications({ page }) {
  const says = words.notices;
  const { notices } = page;
  const away = (/** @type {string} */ minutes) => {
    notices.wishes.awayAfter = Number(minutes);
    page.idleness.changed();
    page.changed();
  };
  return html`<p class="meta">${says.lead}</p>
    <${Shown} page=${page} />
    <${Pushed} page=${page} />
    <div class="part">
      <label class="check"><input type="checkbox" checked=${notices.wishes.sound} onChange=${toggled((on) => notices.setSound(on))} /><span>${says.sound}</span></label>
    </div>
    <div class="part">
      <${Choice} id="away" label=${says.away} value=${String(notices.wishes.awayAfter)} options=${says.awayChoices} hint=${says.awayHint} onChange=${away} />
    </div>`;
}

/** @param {{page: Page}} given */
function Shown({ page }) {
  const says = words.notices;
  const { notices } = page;
  const { permission, on } = notices;
  return html`<div class="part">
    <p role="status">${on ? says.on : says.off[permission]}</p>
    ${(permission === "default" || permission === "granted") &&
    html`<div class="part-end">
      <button class="button ${on ? "" : "strong"}" type="button" onClick=${() => (on ? notices.turnOff() : notices.turnOn())}>${on ? says.turnOff : says.turnOn}</button>
    </div>`}
  </div>`;
}

/** @param {{page: Page}} given */
function Pushed({ page }) {
  const says = words.notices;
  const { pushes, notices } = page;
  const { on, wrong } = pushes;
  const [wanted, setWanted] = useState(/** @type {boolean | null} */ (null));
  useEffect(() => void pushes.look(), [page]);
  /** Shown at once, and as it is when the browser and the server have answered. @param {boolean} push */
  const choose = async (push) => {
    setWanted(push);
    await (push ? pushes.turnOn() : pushes.turnOff());
    setWanted(null);
  };
  if (!pushes.able) return html`<div class="part"><p class="meta">${says.pushWrong.unable}</p></div>`;
  return html`<div class="part">
    <label class="check"><input type="checkbox" checked=${wanted ?? on === true} onChange=${toggled((push) => void choose(push))} /><span>${says.push}<span class="meta">${says.pushHint}</span></span></label>
    ${on === true && html`<label class="check"><input type="checkbox" checked=${notices.wishes.pushText} onChange=${toggled((text) => void pushes.setText(text))} /><span>${says.pushText}<span class="meta">${says.pushTextHint}</span></span></label>`}
    ${wrong !== "" && html`<${Wrong} text=${says.pushWrong[wrong]} />`}
  </div>`;
}

/** @param {(on: boolean) => void} act */
const toggled = (act) => (/** @type {{currentTarget: HTMLInputElement}} */ { currentTarget }) => act(currentTarget.checked);
