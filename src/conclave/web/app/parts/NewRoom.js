/** The dialog that creates a room. What was refused stays in its fields. */

import { useState } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";
import { words } from "../words.js";
import { Dialog } from "./Dialog.js";
import { Icon } from "./Icon.js";

/** @import { Page } from "../page.js" */
/** @import { Refusal } from "../../client/requests.js" */

/** @param {{page: Page}} given */
export function NewRoom({ page }) {
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    const room = String(form.get("name")).trim().normalize("NFC");
    const topic = String(form.get("topic")).trim();
    if (room === "") return setError(words.newRoom.empty);
    setBusy(true);
    const kind = form.has("private") ? "private" : "public";
    create(page, topic === "" ? { room, kind } : { room, kind, topic }, (refusal) => {
      setBusy(false);
      if (refusal === null) page.enter(room);
      else setError(words.newRoom.refused(refusal.code));
    });
  };
  const describedBy = error === "" ? "new-room-hint" : "new-room-error new-room-hint";
  return html`<${Dialog} title=${words.newRoom.title} close=${words.newRoom.cancel} onClose=${() => page.show(null)}>
    <form class="form" onSubmit=${submit} novalidate>
      <label for="new-room-name">${words.newRoom.name}</label>
      <input id="new-room-name" name="name" data-focus dir="auto" maxlength="64" autocomplete="off" aria-describedby=${describedBy} aria-invalid=${error === "" ? undefined : "true"} />
      ${error !== "" && html`<p class="error" id="new-room-error" role="alert"><${Icon} name="warning" />${error}</p>`}
      <p class="meta" id="new-room-hint">${words.newRoom.nameHint}</p>
      <label for="new-room-topic">${words.newRoom.topic} <span class="meta">${words.newRoom.optional}</span></label>
      <input id="new-room-topic" name="topic" dir="auto" maxlength="512" autocomplete="off" />
      <label class="check"><input type="checkbox" name="private" /><span>${words.newRoom.private}</span></label>
      <div class="form-end">
        <button class="button strong" type="submit" aria-busy=${busy}>${words.newRoom.create}</button>
      </div>
    </form>
  <//>`;
}

/** @param {Page} page @param {{room: string, kind: string, topic?: string}} wanted @param {(refusal: Refusal | null) => void} done */
function create(page, wanted, done) {
  page.driver.act((client) => client.questions.create(wanted, done));
}
