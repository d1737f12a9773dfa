/** Whether a long message is shown whole. It stays so while the page lives, drawn or not; a jump to it unfolds it. */

import { useLayoutEffect, useRef, useState } from "../../vendor/preact-hooks.js";

/** @import { Page } from "../page.js" */
/** @import { Entry } from "../../client/wire.js" */
/** @typedef {{open: boolean, turn: (event: Event) => void}} Fold */

/** What a message is remembered by, also while it has no number. @param {Entry} entry */
export const keyOf = ({ clientId, room, seq }) => clientId ?? `${room}\n${seq}`;

/** @param {Page} page @param {string} key @param {boolean} [marked] @returns {Fold} */
export function useFold({ unfolded }, key, marked = false) {
  const [, draw] = useState(0);
  const was = useRef(false);
  /** @type {{current: Element | null}} */
  const turned = useRef(null);
  if (marked && !was.current) unfolded.add(key);
  was.current = marked;
  const open = unfolded.has(key);
  useLayoutEffect(() => {
    const line = turned.current;
    turned.current = null;
    if (line === null) return;
    // What was opened begins where it did; what was closed is not above what is in sight.
    if (!open) line.scrollIntoView({ block: "nearest" });
    // The end may be out of sight now: the log has to know before it follows it.
    line.closest(".log")?.dispatchEvent(new Event("scroll"));
  });
  /** @param {Event} event */
  const turn = (event) => {
    turned.current = /** @type {Element} */ (event.currentTarget).closest(".line");
    if (open) unfolded.delete(key);
    else unfolded.add(key);
    draw((times) => times + 1);
  };
  return { open, turn };
}
