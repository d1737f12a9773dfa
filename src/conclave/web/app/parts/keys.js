/** The keys that work everywhere: Esc closes the topmost thing, Ctrl+K and / search. */

import { useEffect } from "../../vendor/preact-hooks.js";

/** @import { Page } from "../page.js" */

/** @param {Page} page */
export function useKeys(page) {
  useEffect(() => {
    /** @param {KeyboardEvent} event */
    const onKey = (event) => {
      if (event.defaultPrevented || event.isComposing) return;
      if (event.key === "Escape") escape(page);
      else if (searches(event)) {
        event.preventDefault();
        page.beside.search();
      }
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [page]);
}

/** Close the topmost thing, then go to the newest message. @param {Page} page */
function escape(page) {
  // What is above everything closes itself.
  if (document.querySelector("dialog[open], :popover-open") !== null) return;
  const { panel } = page;
  const beside = panel?.name === "people" && page.beside.widest && document.activeElement?.closest(".panel") === null;
  if (panel !== null && !beside) page.beside.close();
  else /** @type {HTMLElement | null} */ (document.querySelector(".stage .log .line:last-of-type"))?.focus();
}

/** Ctrl+K and Cmd+K anywhere, / where nothing is written. @param {KeyboardEvent} event */
function searches(event) {
  if (event.key.toLowerCase() === "k") return (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  const target = /** @type {Element} */ (event.target);
  return event.key === "/" && !event.ctrlKey && !event.metaKey && target.closest("input, textarea, dialog") === null;
}
