/** One picture of the room as large as the window, and the way to those before and after it. */

import { useEffect, useLayoutEffect, useState } from "../../../vendor/preact-hooks.js";
import { kindOf } from "../../attaching/sizes.js";
import { useSource } from "../../attaching/sources.js";
import { attaching } from "../../attaching/words.js";
import { html } from "../../html.js";
import { sheet } from "../../sheet.js";
import { Dialog } from "../Dialog.js";
import { Icon } from "../Icon.js";
import { Download } from "./Download.js";

/** @import { Attached } from "../../../client/wire.js" */
/** @import { Page } from "../../page.js" */

await sheet("attached");

/** @param {{page: Page, room: string, id: string}} given */
export function Viewer({ page, room, id }) {
  const [shown, setShown] = useState(id);
  const [full, setFull] = useState(false);
  const pictures = picturesOf(page, room);
  const at = pictures.findIndex((one) => one.id === shown);
  const file = pictures[at];
  const close = () => page.show(null);
  /** @param {number} by */
  const go = (by) => {
    const next = pictures[at + by];
    if (next === undefined) return;
    setFull(false);
    setShown(next.id);
  };
  useArrows(go, full);
  // It was deleted while one looked at it.
  useEffect(() => {
    if (file === undefined) close();
  }, [file]);
  if (file === undefined) return null;
  const place = attaching.viewer.of(at + 1, pictures.length);
  return html`<${Dialog} title=${file.name} close=${attaching.viewer.close} onClose=${close} name="viewer" wide>
    <div class="viewer">
      <${Large} key=${file.id} page=${page} file=${file} full=${full} />
      ${file.alt !== "" && html`<p class="viewer-alt" dir="auto">${file.alt}</p>`}
      <div class="viewer-bar">
        <${Step} icon="back" label=${attaching.viewer.previous} off=${at === 0} onClick=${() => go(-1)} />
        <p class="viewer-place meta" role="status"><span class="unseen">${file.alt || file.name}. </span>${place}</p>
        <${Step} icon="next" label=${attaching.viewer.next} off=${at === pictures.length - 1} onClick=${() => go(1)} />
        <button class="icon-button" type="button" aria-pressed=${full} aria-label=${attaching.viewer.full} title=${full ? attaching.viewer.fit : attaching.viewer.full} onClick=${() => setFull(!full)}><${Icon} name="search" /></button>
        <${Download} page=${page} id=${file.id} name=${file.name} stop=${0} />
      </div>
    </div>
  <//>`;
}

/** It stays where it is when there is no way on: the focus would be lost. @param {{icon: string, label: string, off: boolean, onClick: () => void}} given */
function Step({ icon, label, off, onClick }) {
  return html`<button class="icon-button" type="button" aria-label=${label} title=${label} aria-disabled=${off} onClick=${onClick}><${Icon} name=${icon} /></button>`;
}

/** @param {{page: Page, file: Attached, full: boolean}} given */
function Large({ page, file, full }) {
  const { url, again } = useSource(page, file.id, false);
  const [broken, setBroken] = useState(false);
  if (url === null || broken) {
    return html`<div class="viewer-stage"><p>${attaching.notShown}</p>
      <button class="link" type="button" onClick=${() => (setBroken(false), again())}>${attaching.again}</button></div>`;
  }
  return html`<div class="viewer-stage" data-full=${full} tabindex=${full ? 0 : -1} role="group" aria-label=${attaching.viewer.picture} aria-busy=${url === undefined}>
    ${url !== undefined && html`<img src=${url} alt=${file.alt || file.name} width=${file.width ?? undefined} height=${file.height ?? undefined} onError=${() => setBroken(true)} />`}
  </div>`;
}

/** Arrows go along the line, wherever it begins; in one that is larger than its place they scroll. @param {(by: number) => void} go @param {boolean} full */
function useArrows(go, full) {
  // With the drawing, not after it: who sees a picture may press at once.
  useLayoutEffect(() => {
    const forwards = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    const pressed = (/** @type {KeyboardEvent} */ event) => {
      if (full || event.ctrlKey || event.metaKey || event.altKey || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
      event.preventDefault();
      go(event.key === forwards ? 1 : -1);
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  });
}

/** All pictures of the room that are known here, the oldest first, each once. @param {Page} page @param {string} room @returns {Attached[]} */
function picturesOf({ client }, room) {
  const of = client.rooms.get(room);
  const lines = [...(of?.around?.lines ?? []), ...client.linesOf(room), ...(of?.thread?.lines ?? []), ...(of?.pinned?.lines ?? [])];
  const bySeq = new Map(lines.map((line) => [line.seq, line.attachments]));
  const stored = [...bySeq].sort(([a], [b]) => a - b).flatMap(([, files]) => files);
  const waiting = client.outbox.of(room).flatMap(({ attachments }) => attachments);
  return [...new Map([...stored, ...waiting].map((file) => [file.id, file])).values()].filter(({ type }) => kindOf(type) === "image");
}
