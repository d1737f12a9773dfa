/** A message that is stored: its text as it is, and its number in the margin. */

import { textIn } from "../../client/wire.js";
import { useState } from "../../vendor/preact-hooks.js";
import { deedOf, deedsOf } from "../deeds.js";
import { html } from "../html.js";
import { lazy } from "../lazy.js";
import { pressedOf } from "../pressed.js";
import { isMessage, may } from "../rights.js";
import { hashOf } from "../route.js";
import { words } from "../words.js";
import { Avatar } from "./Avatar.js";
import { Byline } from "./Byline.js";
import { Chips } from "./Chips.js";
import { Failed } from "./Failed.js";
import { keyOf, useFold } from "./fold.js";
import { Marks } from "./Marks.js";
import { Quote } from "./Quote.js";
import { Text } from "./Text.js";
import { Tools } from "./Tools.js";

/** @import { Page } from "../page.js" */
/** @import { MessageRow } from "../dressing.js" */

export const Attached = lazy(async () => (await import("./attach/Attached.js")).Attached);

/** @param {{page: Page, row: MessageRow, inThread: boolean}} given */
export function Message({ page, row, inThread }) {
  const { entry, first, own, change } = row;
  const system = entry.userId === "system";
  // By a pointer that moves: under one that rests lines pass by, many a second, and none is meant.
  const [pointed, setPointed] = useState(false);
  const [inside, setInside] = useState(false);
  const fold = useFold(page, keyOf(entry), row.marked && !inThread);
  // The log is one tab stop: what is in a line is reached from the line.
  const stop = inside ? 0 : -1;
  /** @param {FocusEvent} event */
  const left = ({ currentTarget, relatedTarget }) =>
    setInside(/** @type {Element} */ (currentTarget).contains(/** @type {Node | null} */ (relatedTarget)));
  return html`<article
    class="line"
    id=${`${inThread ? "thread" : "line"}-${entry.seq}`}
    tabindex="-1"
    data-own=${own}
    data-first=${first}
    data-root=${inThread && entry.thread === null}
    data-system=${system}
    data-marked=${row.marked && !inThread}
    data-for-me=${row.forMe}
    data-pointed=${pointed}
    onPointerMove=${(/** @type {PointerEvent} */ event) => setPointed(event.pointerType !== "touch")}
    onPointerLeave=${() => setPointed(false)}
    onFocusIn=${() => setInside(true)}
    onFocusOut=${left}
    onKeyDown=${(/** @type {KeyboardEvent} */ event) => pressed(page, row, inThread, event)}
  >
    <span class="gutter">${first && !system && html`<${Avatar} id=${entry.userId} name=${entry.user} />`}</span>
    <div class="said-by">
      <${Byline} id=${entry.userId} name=${entry.user} timestamp=${entry.timestamp} shown=${first} bot=${entry.bot} />
      ${entry.replyTo !== null && html`<${Quote} page=${page} room=${entry.room} seq=${entry.replyTo} quoted=${row.quoted} stop=${stop} />`}
      ${entry.deleted
        ? html`<p class="text deleted">${words.log_.deleted}</p>`
        : textIn(entry) !== "" && html`<${Text} text=${entry.text} named=${row.named} me=${page.client.me?.id ?? ""} stop=${stop} fold=${fold} />`}
      ${entry.attachments.length > 0 && html`<${Attached} page=${page} room=${entry.room} files=${entry.attachments} stop=${stop} />`}
      <${Marks} page=${page} row=${row} inThread=${inThread} stop=${stop} />
      ${entry.reactions.length > 0 && html`<${Chips} page=${page} entry=${entry} inThread=${inThread} stop=${stop} />`}
      ${change !== null && html`<${Failed} page=${page} item=${change} said=${words.message.notSaved(change.code)} />`}
    </div>
    <a class="number" href=${hashOf(entry.room, entry.seq)} tabindex=${stop} aria-label=${words.log_.numberOf(entry.seq)}>${entry.seq}</a>
    ${(pointed || inside) && isMessage(entry) && html`<${Tools} page=${page} entry=${entry} inThread=${inThread} stop=${stop} />`}
  </article>`;
}

/** Enter opens what one may do; each deed has its key. @param {Page} page @param {MessageRow} row @param {boolean} inThread @param {KeyboardEvent} event */
function pressed(page, { entry }, inThread, event) {
  const line = /** @type {Element} */ (event.currentTarget);
  if (event.target !== line || event.defaultPrevented || !isMessage(entry)) return;
  if (event.key === "Enter" || event.key === "ContextMenu") {
    event.preventDefault();
    page.act({ entry, what: "menu", beside: line, inThread });
    return;
  }
  if (pressedOf(event) === "+" && may(page.infoOf(entry.room), "react")) return page.act({ entry, what: "emoji", beside: line, inThread });
  const deed = deedOf(deedsOf(page, entry, inThread, line), event);
  if (deed === undefined) return;
  event.preventDefault();
  deed.act();
}
