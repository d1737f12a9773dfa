/** Where one writes. Never disabled while one is signed in; what is in it is never lost. */

import { useLayoutEffect, useRef, useState } from "../../vendor/preact-hooks.js";
import { change as changeMessage } from "../deeds.js";
import { linked, marked, markOf } from "../formatting.js";
import { html } from "../html.js";
import { lazy } from "../lazy.js";
import { namedIn } from "../mentioned.js";
import { composerOf } from "../page.js";
import { mayEdit } from "../rights.js";
import { barOf } from "../standing.js";
import { words } from "../words.js";
import { About } from "./About.js";
import { apply } from "./edits.js";
import { EmojiButton } from "./EmojiButton.js";
import { Formatting } from "./Formatting.js";
import { Icon } from "./Icon.js";
import { Suggestions, useSuggestions } from "./Suggestions.js";

/** @import { Page } from "../page.js" */
/** @import { Desk } from "../writing.js" */

const SlashBar = lazy(async () => (await import("./SlashBar.js")).SlashBar);
const Standing = lazy(async () => (await import("./Standing.js")).Standing);
const Tray = lazy(async () => (await import("./attach/Tray.js")).Tray);

/** The last tenth of the limit is counted down. */
const COUNTED_SHARE = 0.1;
const MOST_ROWS = 8;

/** @param {{page: Page, desk: Desk}} given */
export function Composer({ page, desk }) {
  const id = composerOf(desk);
  const change = page.writing.changeOf(desk);
  const text = page.writing.textOf(desk);
  const [full, setFull] = useState(false);
  /** @type {{current: HTMLTextAreaElement | null}} */
  const field = useRef(null);
  const left = page.client.limits.textChars - [...text].length;
  useFocus(field, desk.thread !== null);
  useDrop(field, page, desk);
  /** @param {string} value */
  const write = (value) => {
    page.writing.write(desk, value);
    page.changed();
  };
  const naming = useSuggestions(page, desk.room, field, text, write);
  const bar = change === null ? barOf(page, desk.room) : null;
  const { trays } = page;
  const isEmpty = () => (text.trim() === "" && !hasFiles(page, desk, change)) || left < 0;
  const send = () => {
    // Files come first, however late: a message would go without them.
    if (page.writing.bringing !== null) return void page.writing.bringing.then(send, send);
    if (isEmpty() || (change === null && barOf(page, desk.room) !== null)) return;
    const typed = text.trim();
    if (change === null && /^\/[^/]/.test(typed)) return void ask(page, desk, typed);
    // Two are one that begins no command.
    const written = change === null ? typed.replace(/^\/\//, "/") : typed;
    const named = namedIn(written, page.members.named(desk.room));
    const taken = (hasFiles(page, desk, change) ? page.trays?.send(desk, written, named) : page.writing.say(desk, written, named)) === true;
    if (taken && change === null && desk.thread === null) page.reading.toSent();
    setFull(!taken);
    page.changed();
    field.current?.focus();
  };
  /** @param {KeyboardEvent} event */
  const onKey = (event) => {
    if (naming.key(event)) return;
    const mark = event.isComposing ? null : markOf(event);
    const { current } = field;
    if (mark !== null && current !== null) return event.preventDefault(), apply(current, marked(current.value, current.selectionStart, current.selectionEnd, mark));
    if (sends(event)) event.preventDefault(), send();
    else if (event.key === "Escape" && cancel(page, desk)) event.preventDefault();
    else if (event.key === "ArrowUp" && text === "" && changeLast(page, desk)) event.preventDefault();
  };
  /** Files are attached; an address over words makes them a link. @param {ClipboardEvent} event */
  const onPaste = (event) => {
    const { current } = field;
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length > 0) return event.preventDefault(), attach(page, desk, files);
    const pasted = event.clipboardData?.getData("text/plain") ?? "";
    const edit = current === null ? null : linked(current.value, current.selectionStart, current.selectionEnd, pasted);
    if (current === null || edit === null) return;
    event.preventDefault();
    apply(current, edit);
  };
  const words_ = wordsOf(page, desk);
  return html`<form class="composer" onSubmit=${(/** @type {Event} */ event) => (event.preventDefault(), send())}>
    ${bar !== null && html`<${Standing} page=${page} bar=${bar} />`}
    ${change === null && (text.startsWith("/") || page.slash?.at(desk).length) ? html`<${SlashBar} page=${page} desk=${desk} />` : null}
    <${About} page=${page} desk=${desk} onCancel=${() => (cancel(page, desk), document.getElementById(id)?.focus())} />
    <${Suggestions} naming=${naming} id=${id} />
    ${trays !== null && html`<${Tray} page=${page} desk=${desk} turn=${{}} />`}
    <div class="composer-box">
      ${change === null && page.client.limits.attachmentBytes > 0 && html`<button class="icon-button" type="button" aria-label=${words.composer.attach} title=${words.composer.attach} onClick=${() => pick(page, desk)}>
        <${Icon} name="plus" />
      </button>`}
      <textarea
        id=${id}
        ref=${field}
        dir="auto"
        rows=${Math.min(MOST_ROWS, text.split("\n").length)}
        value=${text}
        aria-label=${words_.label}
        placeholder=${words_.placeholder}
        aria-describedby=${`${id}-count ${id}-about`}
        aria-autocomplete="list"
        aria-controls=${naming.shown ? `${id}-people` : undefined}
        aria-activedescendant=${naming.shown ? `${id}-person-${naming.at}` : undefined}
        enterkeyhint="send"
        disabled=${page.client.state.name === "stopped"}
        onInput=${(/** @type {{currentTarget: HTMLTextAreaElement}} */ { currentTarget }) => (write(currentTarget.value), naming.look())}
        onClick=${naming.look}
        onKeyUp=${naming.moved}
        onBlur=${naming.close}
        onKeyDown=${onKey}
        onPaste=${onPaste}
      ></textarea>
      <${EmojiButton} page=${page} field=${field} />
      <button class="send" type="submit" aria-label=${words_.send} title=${words_.send} data-idle=${isEmpty() || bar !== null}>
        <${Icon} name=${change === null ? "send" : "check"} />
      </button>
    </div>
    ${text !== "" && html`<${Formatting} field=${field} />`}
    <p class="composer-count ${left < 0 ? "error" : "meta"}" id=${`${id}-count`} role="status">
      ${full ? words.composer.full : left <= Math.round(page.client.limits.textChars * COUNTED_SHARE) && words.composer.left(left)}
    </p>
  </form>`;
}

/** @param {Page} page @param {Desk} desk @param {File[]} files   none: they are over the page still */
function attach(page, desk, files) {
  if (page.trays !== null) return page.trays.add(desk, files);
  page.writing.bringing = page
    .attaching()
    .then((trays) => trays.add(desk, files))
    .finally(() => (page.writing.bringing = null));
}

/** As it is when it is asked: what was chosen a moment ago is drawn with the next frame. @param {Page} page @param {Desk} desk @param {unknown} change   null: a new message */
const hasFiles = (page, desk, change) => change === null && page.trays?.has(desk) === true;

/** @param {Page} page @param {Desk} desk */
const pick = (page, desk) => void Promise.all([import("../attaching/picking.js"), page.attaching()]).then(([picking, trays]) => picking.pick(page, (files) => trays.add(desk, files)));

/** Files may be let go anywhere: in a thread they are its own. @param {{current: HTMLTextAreaElement | null}} field @param {Page} page @param {Desk} desk */
function useDrop(field, page, desk) {
  useLayoutEffect(() => {
    const place = /** @type {HTMLElement | Window} */ (field.current?.closest(".panel") ?? page.window);
    const over = (/** @type {Event} */ event) => {
      const { dataTransfer } = /** @type {DragEvent} */ (event);
      if (!dataTransfer?.types.includes("Files")) return;
      // Else the browser leaves the page for what is dropped.
      event.preventDefault();
      event.stopPropagation();
      attach(page, desk, [...dataTransfer.files]);
    };
    const kinds = ["dragover", "drop"];
    for (const kind of kinds) place.addEventListener(kind, over);
    return () => {
      for (const kind of kinds) place.removeEventListener(kind, over);
    };
  }, []);
}

/** A field that was asked for has the focus; that of a room only where no keyboard comes up. @param {{current: HTMLTextAreaElement | null}} field @param {boolean} asked */
function useFocus(field, asked) {
  useLayoutEffect(() => {
    if (asked || window.matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, []);
}

/** Ask what begins with «/»; what asks may have to come first, and where it does not, the text stays. @param {Page} page @param {Desk} desk @param {string} written */
async function ask(page, desk, written) {
  const { slashOf } = await import("./SlashBar.js");
  slashOf(page).ask(desk, written);
  page.writing.write(desk, "");
  page.changed();
}

/** @param {Page} page @param {Desk} desk */
function wordsOf(page, desk) {
  const title = page.infoOf(desk.room)?.title ?? desk.room;
  const change = page.writing.changeOf(desk);
  const { composer } = words;
  if (change !== null) return { label: composer.editing(change.seq), placeholder: "", send: composer.save };
  if (desk.thread !== null) return { label: composer.thread, placeholder: composer.thread, send: composer.send };
  return { label: composer.label(title), placeholder: composer.placeholder(title), send: composer.send };
}

/** End what the field is about besides its text; whether there was something. @param {Page} page @param {Desk} desk */
function cancel(page, desk) {
  const { writing } = page;
  if (writing.changeOf(desk) !== null) writing.change(desk, null);
  else if (writing.answerOf(desk) !== null) writing.answer(desk, null);
  else return false;
  page.changed();
  return true;
}

/** Change the last message one wrote here; whether there is one. @param {Page} page @param {Desk} desk */
function changeLast(page, { room, thread }) {
  const { client } = page;
  const lines = thread === null ? client.linesOf(room) : (client.rooms.get(room)?.thread?.lines ?? []);
  const last = lines.findLast((entry) => mayEdit(client.me, page.infoOf(room), entry));
  if (last === undefined) return false;
  changeMessage(page, client.shown(last), thread !== null);
  return true;
}

/** Enter sends, Shift+Enter breaks; on touch Enter breaks; never while a word is composed. @param {KeyboardEvent} event */
function sends(event) {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return false;
  return event.ctrlKey || event.metaKey || !window.matchMedia("(pointer: coarse)").matches;
}
