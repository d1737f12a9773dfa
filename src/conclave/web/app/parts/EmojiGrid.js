/** Emoji in rows of eight: one stop for Tab, arrows, Home and End within. */

import { useRef, useState } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";

/** @typedef {{emoji: string, name: string}} Cell */

const COLUMNS = 8;

/** @param {{cells: Cell[], mine: Set<string>, label: string, onChoose: (emoji: string) => void}} given */
export function EmojiGrid({ cells, mine, label, onChoose }) {
  const [at, setAt] = useState(0);
  /** @type {{current: HTMLElement | null}} */
  const grid = useRef(null);
  const rows = Array.from({ length: Math.ceil(cells.length / COLUMNS) }, (_, n) => n * COLUMNS);
  /** @param {KeyboardEvent} event */
  const onKey = (event) => {
    if (typed(event)) return fieldOf(grid.current)?.focus();
    const next = nextOf(event, at, cells.length, grid.current !== null && getComputedStyle(grid.current).direction === "rtl");
    if (next === null) return;
    event.preventDefault();
    if (next < 0) return fieldOf(grid.current)?.focus();
    setAt(next);
    /** @type {HTMLElement | undefined} */ (grid.current?.querySelectorAll("button")[next])?.focus();
  };
  return html`<div ref=${grid} role="grid" aria-label=${label} onKeyDown=${onKey}>
    ${rows.map(
      (from) => html`<div class="emoji-row" role="row" key=${from}>
        ${cells.slice(from, from + COLUMNS).map(
          ({ emoji, name }, n) =>
            html`<div role="gridcell" key=${emoji}>
              <button
                class="emoji"
                type="button"
                tabindex=${from + n === at ? 0 : -1}
                data-focus=${from + n === 0 ? "" : undefined}
                aria-label=${name}
                title=${name}
                aria-pressed=${mine.has(emoji)}
                onFocus=${() => setAt(from + n)}
                onClick=${() => onChoose(emoji)}
              >
                ${emoji}
              </button>
            </div>`,
        )}
      </div>`,
    )}
  </div>`;
}

/** The field of the board that *grid* is in. @param {Element | null} grid @returns {HTMLElement | null | undefined} */
const fieldOf = (grid) => grid?.closest(".popover")?.querySelector("input");

/** A letter: it is meant for the field. @param {KeyboardEvent} event */
const typed = ({ key, ctrlKey, metaKey, altKey }) => [...key].length === 1 && key !== " " && !ctrlKey && !metaKey && !altKey;

/** Where a key leads from *at*; -1: to the field above; null: it is for somebody else. @param {KeyboardEvent} event @param {number} at @param {number} length @param {boolean} rightToLeft */
function nextOf({ key, ctrlKey }, at, length, rightToLeft) {
  const last = length - 1;
  const row = at - (at % COLUMNS);
  const onward = rightToLeft ? -1 : 1;
  switch (key) {
    case "ArrowRight":
      return Math.min(last, Math.max(0, at + onward));
    case "ArrowLeft":
      return Math.min(last, Math.max(0, at - onward));
    case "ArrowDown":
      return at + COLUMNS > last && row + COLUMNS > last ? at : Math.min(last, at + COLUMNS);
    case "ArrowUp":
      return at < COLUMNS ? -1 : at - COLUMNS;
    case "Home":
      return ctrlKey ? 0 : row;
    case "End":
      return ctrlKey ? last : Math.min(last, row + COLUMNS - 1);
    default:
      return null;
  }
}
