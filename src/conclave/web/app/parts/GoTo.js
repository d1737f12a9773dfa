/** The dialog that goes to a message by its number, or to a day. */

import { useState } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";
import { words } from "../words.js";
import { Dialog } from "./Dialog.js";
import { Icon } from "./Icon.js";

/** @import { Page } from "../page.js" */

/** @param {{page: Page, room: string}} given */
export function GoTo({ page, room }) {
  const says = words.goTo;
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  /** @param {number} seq */
  const go = (seq) => {
    page.show(null);
    page.goTo(room, seq);
  };
  /** @param {number} at */
  const ask = (at) => {
    setBusy(true);
    page.driver.act((client) =>
      client.questions.lineAt(room, at, (refusal, seq) => {
        setBusy(false);
        if (refusal !== null) setError(says.refused(refusal.code));
        else if (seq === null) setError(says.none);
        else go(seq);
      }),
    );
  };
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    const number = String(form.get("number")).trim();
    const at = startOf(String(form.get("day")));
    if (/^[1-9]\d{0,14}$/.test(number)) go(Number(number));
    else if (number === "" && at !== null) ask(at);
    else setError(says.empty);
  };
  return html`<${Dialog} title=${says.title} close=${says.cancel} onClose=${() => page.show(null)}>
    <form class="form" onSubmit=${submit} novalidate>
      <label for="go-to-number">${says.number}</label>
      <input id="go-to-number" name="number" data-focus inputmode="numeric" maxlength="15" autocomplete="off" aria-describedby=${error === "" ? undefined : "go-to-error"} />
      <label for="go-to-day">${says.day}</label>
      <input id="go-to-day" name="day" type="date" aria-describedby=${error === "" ? undefined : "go-to-error"} />
      ${error !== "" && html`<p class="error" id="go-to-error" role="alert"><${Icon} name="warning" />${error}</p>`}
      <div class="form-end">
        <button class="button strong" type="submit" aria-busy=${busy}>${says.go}</button>
      </div>
    </form>
  <//>`;
}

/** When *day*, such as 2026-11-25, begins here; null for no day. @param {string} day */
function startOf(day) {
  const [, year, month, date] = /^(\d{4,6})-(\d\d)-(\d\d)$/.exec(day) ?? [];
  const at = new Date(Number(year), Number(month) - 1, Number(date)).getTime();
  // The year 1970 began before it did in zones to the east.
  return year === undefined || !Number.isFinite(at) ? null : Math.max(0, at);
}
