/**
 * The palette: one field that finds rooms, people and what one can do. Arrows choose, Enter goes.
 * The focus stays in the field; what is chosen is told as the field's active descendant.
 */

import { useEffect, useLayoutEffect, useRef, useState } from "../../../vendor/preact-hooks.js";
import { asks } from "../../asks.js";
import { html } from "../../html.js";
import { found, usedNow } from "../../palette.js";
import { sheet } from "../../sheet.js";
import { words } from "../../words.js";
import { Dialog } from "../Dialog.js";
import { Icon } from "../Icon.js";
import { deed, deedChoices, personChoices, roomChoices } from "./choices.js";

/** @import { FoundPerson } from "../../../client/answers.js" */
/** @import { Choice } from "../../palette.js" */
/** @import { Page } from "../../page.js" */

await sheet("palette");

/** So long nothing was typed when people are asked for. */
const AFTER_MS = 120;

/** @param {{page: Page}} given */
export function Palette({ page }) {
  const says = words.palette;
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const people = usePeople(page, text.trim());
  const search = deed("search", says.search(text.trim()), () => page.beside.search(text.trim()), { keys: "/" });
  const choices = [...found([...roomChoices(page), ...personChoices(page, people), ...deedChoices(page)], text, page.keeping.recent), { ...search, icon: "search" }];
  const chosen = Math.min(at, choices.length - 1);
  useLayoutEffect(() => list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }));
  /** @param {Choice | undefined} choice */
  const take = (choice) => choice !== undefined && go(page, choice);
  /** @param {KeyboardEvent} event */
  const onKey = (event) => {
    const next = moved(event, chosen, choices.length);
    if (next !== null) event.preventDefault(), setAt(next);
    else if (event.key === "Enter" && !event.isComposing) event.preventDefault(), take(choices[chosen]);
  };
  return html`<${Dialog} title=${says.title} close=${says.close} onClose=${() => page.show(null)} name="palette">
    <div class="palette">
      <input
        id="palette-field" type="text" role="combobox" data-focus dir="auto" autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="128"
        aria-label=${says.field} placeholder=${says.field} aria-expanded="true" aria-autocomplete="list"
        aria-controls="palette-list" aria-activedescendant=${`palette-${chosen}`}
        value=${text} onKeyDown=${onKey}
        onInput=${(/** @type {{currentTarget: HTMLInputElement}} */ { currentTarget }) => (setText(currentTarget.value), setAt(0))}
      />
      <p class="unseen" role="status">${choices.length === 1 ? says.none : ""}</p>
      <ul class="palette-list" id="palette-list" role="listbox" aria-label=${says.list} tabindex="-1" ref=${list}>
        ${choices.map((choice, n) => html`<${Line} key=${choice.key} choice=${choice} n=${n} chosen=${n === chosen} onTake=${() => take(choice)} />`)}
      </ul>
    </div>
  <//>`;
}

/** @param {{choice: Choice, n: number, chosen: boolean, onTake: () => void}} given */
function Line({ choice, n, chosen, onTake }) {
  const { name, hint, icon, keys, unread = 0 } = choice;
  return html`<li id=${`palette-${n}`} role="option" class="palette-line" aria-selected=${chosen} onClick=${onTake}>
    <${Icon} name=${icon} />
    <bdi class="palette-name">${name}</bdi>
    ${unread > 0 && html`<span class="unread"><span aria-hidden="true">${words.number(unread)}</span><span class="unseen">${words.roomsList.unread(unread)}</span></span>`}
    <span class="meta">${hint}</span>
    ${keys !== undefined && html`<kbd>${keys}</kbd>`}
  </li>`;
}

/** Close first, so that the focus is where it was, and what comes next may take it. @param {Page} page @param {Choice} choice */
function go(page, choice) {
  page.keeping.recent = usedNow(page.keeping.recent, choice.key);
  page.show(null);
  choice.act();
}

/** Where a key leads in a list of *length*; null: nowhere. @param {KeyboardEvent} event @param {number} at @param {number} length */
function moved(event, at, length) {
  if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return null;
  switch (event.key) {
    case "ArrowDown":
      return (at + 1) % length;
    case "ArrowUp":
      return (at - 1 + length) % length;
    case "PageDown":
      return length - 1;
    case "PageUp":
      return 0;
    default:
      return null;
  }
}

/** People of the directory whose name begins so. @param {Page} page @param {string} wanted */
function usePeople(page, wanted) {
  const [people, setPeople] = useState(/** @type {FoundPerson[]} */ ([]));
  const ready = page.client.connection.ready;
  useEffect(() => {
    let here = ready;
    const ask = async () => {
      const { refusal, found: now } = await asks(page, (client, done) => client.questions.people(wanted, done));
      if (here && refusal === null) setPeople(now.filter((/** @type {FoundPerson} */ { id }) => id !== page.client.me?.id));
    };
    const timer = setTimeout(() => here && void ask(), wanted === "" ? 0 : AFTER_MS);
    return () => {
      here = false;
      clearTimeout(timer);
    };
  }, [page, wanted, ready]);
  return people;
}
