/** What a message has besides its text: pictures that open, sound and film that play, files to be saved. */

import { kindOf, sizeOf } from "../../attaching/sizes.js";
import { byCookie, useSource } from "../../attaching/sources.js";
import { attaching } from "../../attaching/words.js";
import { html } from "../../html.js";
import { sheet } from "../../sheet.js";
import { useState } from "../../../vendor/preact-hooks.js";
import { Download } from "./Download.js";
import { FileIcon } from "./FileIcon.js";

/** @import { Attached as File } from "../../../client/wire.js" */
/** @import { Page } from "../../page.js" */
/** @typedef {{page: Page, room: string, file: File, stop: number}} Given */

await sheet("attached");

/** As large as a picture of the log is. */
const MOST = { width: 400, height: 300 };

/** @param {{page: Page, room: string, files: File[], stop: number}} given */
export function Attached({ page, room, files, stop }) {
  return html`<ul class="attached">
    ${files.map((file) => html`<li key=${file.id}><${One} page=${page} room=${room} file=${file} stop=${stop} /></li>`)}
  </ul>`;
}

/** @param {Given} given */
function One(given) {
  const kind = kindOf(given.file.type);
  if (kind === "image") return html`<${Picture} ...${given} />`;
  return kind === "file" ? html`<${Saved} ...${given} />` : html`<${Played} ...${given} kind=${kind} />`;
}

/** Its place is kept before it comes, so that the log stands still. @param {Given} given */
function Picture({ page, room, file, stop }) {
  const { url, again } = useSource(page, file.id, file.thumb);
  const [broken, setBroken] = useState(false);
  const { width, height } = fitting(file);
  /** @param {HTMLElement | null} box */
  const sized = (box) => {
    if (box === null) return;
    box.style.inlineSize = `${width}px`;
    box.style.aspectRatio = `${width} / ${height}`;
  };
  const called = file.alt || file.name;
  if (url === null || broken) {
    const retry = () => (setBroken(false), again());
    return html`<div class="picture picture-none" ref=${sized}>
      <p class="meta"><bdi>${called}</bdi></p><p class="meta">${attaching.notShown}</p>
      <button class="link" type="button" tabindex=${stop} onClick=${retry}>${attaching.again}</button>
    </div>`;
  }
  return html`<button class="picture" type="button" tabindex=${stop} title=${called} ref=${sized} onClick=${() => page.show({ name: "viewer", room, id: file.id })}>
    <span class="unseen">${attaching.show}</span>
    ${url !== undefined && html`<img src=${url} alt=${called} width=${width} height=${height} loading="lazy" decoding="async" onError=${() => setBroken(true)} />`}
  </button>`;
}

/** @param {File} file */
function fitting({ width, height }) {
  const [w, h] = [width ?? MOST.width, height ?? MOST.height];
  const scale = Math.min(1, MOST.width / w, MOST.height / h);
  return { width: Math.max(48, Math.round(w * scale)), height: Math.max(48, Math.round(h * scale)) };
}

/** It plays when one says so; with a token it is fetched first. @param {Given & {kind: "audio" | "video"}} given */
function Played({ page, file, stop, kind }) {
  const direct = byCookie(page);
  const [wanted, setWanted] = useState(false);
  const { url, again } = useSource(page, file.id, false, wanted);
  /** Who pressed the button for it wants to hear it. @param {HTMLMediaElement | null} media */
  const play = (media) => {
    if (direct || media === null || media.dataset.begun === "yes") return;
    media.dataset.begun = "yes";
    media.play().catch(() => {});
  };
  const called = file.alt || file.name;
  const comes = wanted && url === undefined;
  const shown = direct || (wanted && url);
  const retry = () => (url === null ? again() : setWanted(true));
  return html`<figure class="played" data-kind=${kind}>
    ${shown
      ? html`<${kind} ref=${play} src=${url} controls preload=${direct ? "metadata" : "auto"} tabindex=${stop} aria-label=${called} />`
      : html`<button class="played-begin" type="button" tabindex=${stop} aria-busy=${comes} onClick=${retry}><${FileIcon} kind=${kind} /><span>${attaching.play(file.name)}</span></button>`}
    ${wanted && url === null && html`<p class="meta error" role="alert">${attaching.notFetched}</p>`}
    <figcaption><${About} page=${page} file=${file} stop=${stop} kind=${kind} /></figcaption>
  </figure>`;
}

/** @param {Given} given */
function Saved({ page, file, stop }) {
  return html`<div class="saved"><${FileIcon} kind="file" /><${About} page=${page} file=${file} stop=${stop} kind="file" /></div>`;
}

/** @param {{page: Page, file: File, stop: number, kind: "audio" | "video" | "file"}} given */
function About({ page, file, stop, kind }) {
  const { id, name, size } = file;
  return html`<p class="saved-about">
      <bdi class="saved-name" title=${name}>${name}</bdi>
      <span class="meta">${attaching.kinds[kind]} · ${sizeOf(size)}</span>
    </p>
    <${Download} page=${page} id=${id} name=${name} stop=${stop} />`;
}
