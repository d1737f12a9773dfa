/** What somebody wrote: Markdown as nodes, with the names of the mentioned standing out. */

import { useMemo } from "../../vendor/preact-hooks.js";
import { isFewEmoji } from "../emojitext.js";
import { folded } from "../folding.js";
import { html } from "../html.js";
import { markdown } from "../markdown.js";
import { Fence } from "./Fence.js";
import { Aside } from "./Aside.js";
import { words } from "../words.js";

/** @import { ComponentChildren } from "../../vendor/preact.js" */
/** @import { Block, Inline, LinkNode, ListBlock, Table } from "../markdown.js" */
/** @import { Named } from "../mentions.js" */
/** @import { Fold } from "./fold.js" */

const REL = "noopener noreferrer nofollow ugc";
/** Who reads, and whether Tab stops at what is in the text: the log is one stop. @typedef {{me: string, stop: number}} Reader */

/** @param {{text: string, named: Named[], me: string, stop: number, fold?: Fold}} given   fold: of a text that may be long */
export function Text({ text, named, me, stop, fold }) {
  const home = location.origin + location.pathname;
  const blocks = useMemo(() => markdown(text, named, home), [text, named]);
  const beginning = useMemo(() => (fold === undefined ? null : folded(blocks)), [blocks]);
  const shown = beginning === null || fold?.open ? blocks : beginning;
  const inside = shown.map((block) => drawn(block, { me, stop }));
  return html`<div class="text" data-large=${isFewEmoji(text)} data-folded=${shown !== blocks}>${inside}</div>
    ${beginning !== null &&
    html`<button class="link fold" type="button" tabindex=${stop} aria-expanded=${fold?.open} onClick=${fold?.turn}>
      ${fold?.open ? words.text.less : words.text.more}
    </button>`}`;
}

/** @param {Block} block @param {Reader} reader @returns {ComponentChildren} */
function drawn(block, reader) {
  switch (block.kind) {
    case "paragraph":
      return html`<p dir="auto">${within(block.inside, reader)}</p>`;
    case "heading":
      // No heading of the page's outline: a message does not divide the log.
      return html`<p class="text-heading" data-level=${Math.min(block.level, 3)} dir="auto">${within(block.inside, reader)}</p>`;
    case "quote":
      return html`<blockquote class="text-quote">${block.blocks.map((inner) => drawn(inner, reader))}</blockquote>`;
    case "list":
      return list(block, reader);
    case "fence":
      return html`<${Fence} fence=${block} stop=${reader.stop} />`;
    case "table":
      return table(block, reader);
    default:
      return html`<hr class="text-rule" />`;
  }
}

/** @param {ListBlock} block @param {Reader} reader */
function list({ start, items }, reader) {
  const lines = items.map((blocks) => html`<li dir="auto">${blocks.map((block) => drawn(block, reader))}</li>`);
  return start === null ? html`<ul class="text-list">${lines}</ul>` : html`<ol class="text-list" start=${start}>${lines}</ol>`;
}

/** @param {Table} block @param {Reader} reader */
function table({ aligned, head, rows }, reader) {
  const cell = (/** @type {string} */ tag) => (/** @type {Inline[]} */ inside, /** @type {number} */ n) =>
    html`<${tag} dir="auto" data-align=${aligned[n] ?? undefined}>${within(inside, reader)}</${tag}>`;
  return html`<${Aside} label=${words.text.table} class="text-table">
    <table>
      <thead><tr>${head.map(cell("th"))}</tr></thead>
      <tbody>${rows.map((row) => html`<tr>${row.map(cell("td"))}</tr>`)}</tbody>
    </table>
  <//>`;
}

/** @param {Inline[]} inside @param {Reader} reader @returns {ComponentChildren[]} */
const within = (inside, reader) => inside.map((node) => inline(node, reader));

/** @param {Inline} node @param {Reader} reader @returns {ComponentChildren} */
function inline(node, reader) {
  switch (node.kind) {
    case "text":
      return node.text;
    case "named":
      return html`<bdi class="named" data-me=${node.id === reader.me}>${node.text}</bdi>`;
    case "strong":
      return html`<strong>${within(node.inside, reader)}</strong>`;
    case "em":
      return html`<em>${within(node.inside, reader)}</em>`;
    case "strike":
      return html`<s>${within(node.inside, reader)}</s>`;
    case "code":
      return html`<code dir="auto">${within(node.inside, reader)}</code>`;
    default:
      return link(node, reader);
  }
}

/** @param {LinkNode} node @param {Reader} reader */
function link({ address, inside }, reader) {
  const { href, here, shows } = address;
  const target = here ? {} : { target: "_blank", rel: REL };
  const anchor = html`<a class="text-link" dir="auto" href=${href} title=${href} tabindex=${reader.stop} ...${target}>${within(inside, reader)}</a>`;
  return shows === null ? anchor : html`${anchor} <span class="text-target" dir="ltr">(${shows})</span>`;
}
