/** While one writes «@na» or «:smi»: what it may become. Arrows choose, Enter or Tab takes, Esc closes. */

import { useEffect, useLayoutEffect, useRef, useState } from "../../vendor/preact-hooks.js";
import { emojiBegunAt } from "../emojitext.js";
import { html } from "../html.js";
import { begunAt, matching } from "../mentions.js";
import { LANGUAGE, words } from "../words.js";
import { Avatar } from "./Avatar.js";

/** @import { Page } from "../page.js" */
/** @typedef {{id: string, name: string, emoji: string | null, text: string, about?: string}} Choice   text: what is written; about: of a command */
/** @typedef {{at: number, query: string}} Begun */
/**
 * @typedef {object} Naming
 * @property {boolean} shown
 * @property {string} label
 * @property {Choice[]} choices
 * @property {number} at           the chosen one
 * @property {(choice: Choice) => void} take
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
  return html`<ul class="suggestions" role="listbox" id=${`${id}-people`} aria-label=${naming.label}>
    ${naming.choices.map(
      (choice, n) =>
        html`<li
          key=${choice.id}
          id=${`${id}-person-${n}`}
          role="option"
          class="suggestion"
          aria-selected=${n === naming.at}
          onPointerDown=${(/** @type {Event} */ event) => (event.preventDefault(), naming.take(choice))}
        >
          ${choice.emoji === null ? html`<${Avatar} id=${choice.id} name=${choice.name} />` : choice.emoji && html`<span class="suggestion-emoji">${choice.emoji}</span>`}<bdi>${choice.name}</bdi>${choice.about && html`<span class="meta">${choice.about}</span>`}
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
  const person = caret === null ? null : begunAt(text, caret);
  const people = person === null ? [] : peopleFor(page, room, person.query);
  const emoji = caret === null || people.length > 0 ? null : emojiBegunAt(text, caret);
  const fitting = useEmoji(emoji?.query ?? "", page.keeping.emoji.tone);
  const commands = caret === null ? [] : (page.slash?.choices(room, text, caret) ?? []);
  const begun = commands.length > 0 ? { at: 0 } : people.length > 0 ? person : emoji;
  const choices = commands.length > 0 ? commands : people.length > 0 ? people : fitting;
  const shown = choices.length > 0;
  const chosen = Math.min(at, choices.length - 1);
  useLayoutEffect(() => {
    if (after.current === null) return;
    field.current?.setSelectionRange(after.current, after.current);
    after.current = null;
  });
  const close = () => setCaret(null);
  /** @param {Choice} choice */
  const take = ({ text: written }) => {
    if (begun === null || caret === null) return;
    after.current = begun.at + written.length + 1;
    write(`${text.slice(0, begun.at)}${written} ${text.slice(caret)}`);
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
    const { length } = choices;
    const choice = choices[chosen];
    if (event.key === "ArrowDown") setAt((chosen + 1) % length);
    else if (event.key === "ArrowUp") setAt((chosen - 1 + length) % length);
    else if (event.key === "Escape") close();
    else if ((event.key === "Enter" || event.key === "Tab") && choice !== undefined) take(choice);
    else return false;
    event.preventDefault();
    return true;
  };
  const label = commands.length > 0 ? (page.slash?.label ?? "") : people.length > 0 ? words.composer.people : words.emoji.suggestions;
  return { shown, label, choices, at: chosen, take, key, look, moved, close };
}

/** @param {Page} page @param {string} room @param {string} query @returns {Choice[]} */
function peopleFor(page, room, query) {
  if (page.members.known(room) === null && page.client.connection.ready) page.members.read(room);
  const me = page.client.me?.id;
  return matching(query, page.members.named(room).filter(({ id }) => id !== me))
    .sort((a, b) => a.name.localeCompare(b.name))
    .slice(0, MOST_SHOWN)
    .map(({ id, name }) => ({ id, name, emoji: null, text: `@${name}` }));
}

/** The emoji that fit *query*, once their list is there: it is loaded by the first «:». @param {string} query @param {number} tone @returns {Choice[]} */
function useEmoji(query, tone) {
  const [found, setFound] = useState({ query: "", choices: /** @type {Choice[]} */ ([]) });
  useEffect(() => {
    if (query === "") return undefined;
    let gone = false;
    void emojiFor(query, tone).then((choices) => !gone && setFound({ query, choices }));
    return () => void (gone = true);
  }, [query, tone]);
  return query !== "" && found.query === query ? found.choices : [];
}

/** @param {string} query @param {number} tone @returns {Promise<Choice[]>} */
async function emojiFor(query, tone) {
  try {
    const { allEmoji, found, toned } = await import("../emoji.js");
    return found(await allEmoji(LANGUAGE), query, MOST_SHOWN).map(({ emoji, name, hasTones }) => {
      const written = hasTones ? toned(emoji, tone) : emoji;
      return { id: emoji, name, emoji: written, text: written };
    });
  } catch {
    // The list could not be had: what was typed stays what it is.
    return [];
  }
}
