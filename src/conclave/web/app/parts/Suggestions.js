/** While one writes «@na»: the people it may mean. Arrows choose, Enter or Tab takes, Esc closes. */

import { useLayoutEffect, useRef, useState } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";
import { begunAt, matching } from "../mentions.js";
import { words } from "../words.js";
import { Avatar } from "./Avatar.js";

/** @import { Named } from "../mentions.js" */
/** @import { Page } from "../page.js" */
/**
 * @typedef {object} Naming
 * @property {boolean} shown
 * @property {Named[]} people
 * @property {number} at           the chosen one
 * @property {(person: Named) => void} take
 * @property {(event: KeyboardEvent) => boolean} key   whether it was for this list
 * @property {() => void} look     the text or the caret changed
 * @property {(event: KeyboardEvent) => void} moved
 * @property {() => void} close
 */

const MOST_SHOWN = 6;
const MOVES = new Set(["ArrowLeft", "ArrowRight", "Home", "End"]);

/** @param {{naming: Naming, id: string}} given */
export function Suggestions({ naming, id }) {
  if (!naming.shown) return null;
  return html`<ul class="suggestions" role="listbox" id=${`${id}-people`} aria-label=${words.composer.people}>
    ${naming.people.map(
      (person, n) =>
        html`<li
          key=${person.id}
          id=${`${id}-person-${n}`}
          role="option"
          class="suggestion"
          aria-selected=${n === naming.at}
          onPointerDown=${(/** @type {Event} */ event) => (event.preventDefault(), naming.take(person))}
        >
          <${Avatar} id=${person.id} name=${person.name} /><bdi>${person.name}</bdi>
        </li>`,
    )}
  </ul>`;
}

/**
 * @param {Page} page @param {string} room @param {{current: HTMLTextAreaElement | null}} field
 * @param {string} text @param {(text: string) => void} write
 * @returns {Naming}
 */
export function useSuggestions(page, room, field, text, write) {
  const [caret, setCaret] = useState(/** @type {number | null} */ (null));
  const [at, setAt] = useState(0);
  const after = useRef(/** @type {number | null} */ (null));
  const begun = caret === null ? null : begunAt(text, caret);
  const people = begun === null ? [] : found(page, room, begun.query);
  const shown = people.length > 0;
  const chosen = Math.min(at, people.length - 1);
  useLayoutEffect(() => {
    if (after.current === null) return;
    field.current?.setSelectionRange(after.current, after.current);
    after.current = null;
  });
  const close = () => setCaret(null);
  /** @param {Named} person */
  const take = ({ name }) => {
    if (begun === null || caret === null) return;
    after.current = begun.at + name.length + 2;
    write(`${text.slice(0, begun.at)}@${name} ${text.slice(caret)}`);
    close();
  };
  const look = () => {
    const { current } = field;
    if (current === null || document.activeElement !== current) return;
    setCaret(current.selectionStart === current.selectionEnd ? current.selectionEnd : null);
    setAt(0);
  };
  /** Arrows move the caret without a change of the text. @param {KeyboardEvent} event */
  const moved = ({ key }) => MOVES.has(key) && look();
  /** @param {KeyboardEvent} event */
  const key = (event) => {
    if (!shown || event.isComposing) return false;
    const { length } = people;
    const person = people[chosen];
    if (event.key === "ArrowDown") setAt((chosen + 1) % length);
    else if (event.key === "ArrowUp") setAt((chosen - 1 + length) % length);
    else if (event.key === "Escape") close();
    else if ((event.key === "Enter" || event.key === "Tab") && person !== undefined) take(person);
    else return false;
    event.preventDefault();
    return true;
  };
  return { shown, people, at: chosen, take, key, look, moved, close };
}

/** @param {Page} page @param {string} room @param {string} query */
function found(page, room, query) {
  if (page.members.known(room) === null && page.client.connection.ready) page.members.read(room);
  const me = page.client.me?.id;
  return matching(query, page.members.named(room).filter(({ id }) => id !== me))
    .sort((a, b) => a.name.localeCompare(b.name))
    .slice(0, MOST_SHOWN);
}
