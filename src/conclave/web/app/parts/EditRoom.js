/** The dialog that changes a room's shown name and its topic. What was refused stays in its fields. */

import { useState } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";
import { words } from "../words.js";
import { Dialog } from "./Dialog.js";
import { Icon } from "./Icon.js";

/** @import { Page } from "../page.js" */

/** @param {{page: Page, room: string}} given */
export function EditRoom({ page, room }) {
  const info = page.infoOf(room);
  const [was] = useState({ title: info?.title ?? room, topic: info?.topic ?? "" });
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    const title = String(form.get("title")).trim();
    const topic = String(form.get("topic")).trim();
    if (title === "") return setError(words.editRoom.empty);
    const wanted = { room, ...(title === was.title ? {} : { title }), ...(topic === was.topic ? {} : { topic }) };
    if (Object.keys(wanted).length === 1) return page.show(null);
    setBusy(true);
    page.driver.act((client) =>
      client.questions.update(wanted, (refusal) => {
        setBusy(false);
        if (refusal === null) page.show(null);
        else setError(words.editRoom.refused(refusal.code));
      }),
    );
  };
  const describedBy = error === "" ? "edit-room-hint" : "edit-room-error edit-room-hint";
  return html`<${Dialog} title=${words.editRoom.title} close=${words.editRoom.cancel} onClose=${() => page.show(null)}>
    <form class="form" onSubmit=${submit} novalidate>
      <label for="edit-room-title">${words.editRoom.name}</label>
      <input id="edit-room-title" name="title" data-focus dir="auto" maxlength="64" autocomplete="off" defaultValue=${was.title} aria-describedby=${describedBy} aria-invalid=${error === "" ? undefined : "true"} />
      ${error !== "" && html`<p class="error" id="edit-room-error" role="alert"><${Icon} name="warning" />${error}</p>`}
      <p class="meta" id="edit-room-hint"><bdi>${words.editRoom.nameHint(room)}</bdi></p>
      <label for="edit-room-topic">${words.editRoom.topic} <span class="meta">${words.newRoom.optional}</span></label>
      <input id="edit-room-topic" name="topic" dir="auto" maxlength="512" autocomplete="off" defaultValue=${was.topic} />
      <div class="form-end">
        <button class="button strong" type="submit" aria-busy=${busy}>${words.editRoom.save}</button>
      </div>
    </form>
  <//>`;
}
