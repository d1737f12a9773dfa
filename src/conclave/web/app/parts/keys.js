/**
 * The keys that work everywhere: Ctrl+K opens the palette, Alt with arrows goes from room to room,
 * / searches, ? shows them all, Esc closes the topmost thing.
 */

import { useEffect } from "../../vendor/preact-hooks.js";
import { pressedOf } from "../pressed.js";
import { step } from "../roam.js";
import { FEW_ROWS } from "../windows.js";

/** @import { Page } from "../page.js" */

/** @param {Page} page */
export function useKeys(page) {
  useEffect(() => {
    /** Before any field sees them, which has other uses for arrows. @param {KeyboardEvent} event */
    const first = (event) => {
      if (event.isComposing || !(palette(page, event) || rooms(page, event) || finds(page, event))) return;
      event.preventDefault();
      event.stopPropagation();
    };
    /** @param {KeyboardEvent} event */
    const last = (event) => {
      if (event.defaultPrevented || event.isComposing) return;
      if (event.key === "Escape") escape(page);
      else if (plain(event, "/")) event.preventDefault(), page.beside.search();
      else if (plain(event, "?")) event.preventDefault(), page.show({ name: "shortcuts" });
    };
    document.addEventListener("keydown", first, true);
    document.addEventListener("keydown", last);
    return () => {
      document.removeEventListener("keydown", first, true);
      document.removeEventListener("keydown", last);
    };
  }, [page]);
}

/** Ctrl+K and Cmd+K open it, and close it. Whether it was that key. @param {Page} page @param {KeyboardEvent} event */
function palette(page, event) {
  const pressed = pressedOf(event) === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  if (!pressed) return false;
  if (page.dialog?.name === "palette") page.show(null);
  // What is asked in another dialog is not thrown away by it.
  else if (document.querySelector("dialog[open]") === null) page.show({ name: "palette" });
  return true;
}

/**
 * Ctrl+F searches the room where the browser would find only what is drawn; pressed again, it
 * is the browser's.
 *
 * @param {Page} page @param {KeyboardEvent} event
 */
function finds(page, event) {
  const { ctrlKey, metaKey, altKey, shiftKey } = event;
  const pressed = pressedOf(event) === "f" && (ctrlKey || metaKey) && !altKey && !shiftKey;
  const { log } = page.room ?? {};
  if (!pressed || log === undefined || !(log.olderLeft || log.lines.length > FEW_ROWS)) return false;
  if (document.activeElement?.id === "search" || document.querySelector("dialog[open]") !== null) return false;
  page.beside.search(`in:${log.room} `);
  return true;
}

/** @param {Page} page @param {KeyboardEvent} event */
function rooms(page, { key, altKey, ctrlKey, metaKey, shiftKey }) {
  const by = key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0;
  if (by === 0 || !altKey || ctrlKey || metaKey || document.querySelector("dialog[open]") !== null) return false;
  step(page, by, shiftKey);
  return true;
}

/** Close the topmost thing, then go to the newest message. @param {Page} page */
function escape(page) {
  // What is above everything closes itself.
  if (document.querySelector("dialog[open], :popover-open") !== null) return;
  const { panel } = page;
  const beside = panel?.name === "people" && page.beside.widest && document.activeElement?.closest(".panel") === null;
  if (panel !== null && !beside) page.beside.close();
  else page.reading.toNewest();
}

/** Whether *key* was pressed where nothing is written. @param {KeyboardEvent} event @param {string} key */
function plain(event, key) {
  const target = /** @type {Element} */ (event.target);
  return pressedOf(event) === key && !event.ctrlKey && !event.metaKey && !event.altKey && target.closest("input, textarea, select, dialog, [popover]") === null;
}
