/** The question before one's membership of a room ends: what is lost, and who owns it then. */

import { useEffect, useState } from "../../vendor/preact-hooks.js";
import { heirOf } from "../heirs.js";
import { html } from "../html.js";
import { words } from "../words.js";
import { Dialog } from "./Dialog.js";
import { Icon } from "./Icon.js";

/** @import { Page } from "../page.js" */

/** @param {{page: Page, room: string}} given */
export function LeaveRoom({ page, room }) {
  const info = page.infoOf(room);
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => page.members.read(room), [page, room]);
  const waiting = page.client.outbox.of(room).length;
  const { leaving } = words;
  const close = () => page.show(null);
  const go = () => {
    setBusy(true);
    page.going.quit(room, (refusal) => {
      setBusy(false);
      if (refusal === null) close();
      else setError(leaving.refused(refusal.code));
    });
  };
  return html`<${Dialog} title=${leaving.title(info?.title ?? room)} close=${leaving.cancel} onClose=${close}>
    <p class="lead">${info?.kind === "private" ? leaving.private : leaving.public}</p>
    <p class="lead" dir="auto">${heirWords(page, room)}</p>
    ${waiting > 0 && html`<p class="error"><${Icon} name="warning" />${leaving.waiting(waiting)}</p>`}
    ${error !== "" && html`<p class="error" role="alert"><${Icon} name="warning" />${error}</p>`}
    <div class="form-end">
      <button class="button" type="button" data-focus onClick=${close}>${leaving.cancel}</button>
      <button class="button danger" type="button" aria-busy=${busy} onClick=${go}>${leaving.go}</button>
    </div>
  <//>`;
}

/** @param {Page} page @param {string} room */
function heirWords(page, room) {
  if (page.infoOf(room)?.role !== "owner") return "";
  const known = page.members.known(room);
  const heir = heirOf(known?.list ?? [], page.client.me?.id ?? "");
  if (known === null || heir === null) return "";
  if (known.more) return words.leaving.someHeir;
  return heir === "nobody" ? words.leaving.noHeir : words.leaving.heir(heir.name);
}
