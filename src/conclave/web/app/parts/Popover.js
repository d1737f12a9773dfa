/**
 * A small panel above everything, beside what was pressed; on a phone a sheet at its foot.
 * The browser closes it by Esc and by a press elsewhere; the focus goes in and comes back.
 */

import { useLayoutEffect, useRef } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";

/** @import { ComponentChildren } from "../../vendor/preact.js" */

const GAP_PX = 4;

/** @param {{beside: Element, label: string, role: string, class: string, onClose: () => void, onKeyDown?: (event: KeyboardEvent) => void, children?: ComponentChildren}} given */
export function Popover({ beside, label, role, class: name, onClose, onKeyDown, children }) {
  /** @type {{current: HTMLElement | null}} */
  const ref = useRef(null);
  useLayoutEffect(() => {
    const panel = /** @type {HTMLElement} */ (ref.current);
    const opener = document.activeElement;
    panel.showPopover();
    place(panel, beside);
    /** @type {HTMLElement | null} */ (panel.querySelector("[data-focus]"))?.focus({ preventScroll: true });
    return () => {
      // Taken from the page while it is open, it leaves the focus nowhere.
      const lost = document.activeElement === document.body || panel.contains(document.activeElement);
      if (lost && opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true });
    };
  }, [beside]);
  // What is in it may have grown.
  useLayoutEffect(() => {
    if (ref.current?.matches(":popover-open")) place(ref.current, beside);
  });
  /** @param {{newState?: string}} event */
  const toggled = ({ newState }) => {
    // The event comes late: by then another one may be in its place.
    if (newState === "closed" && ref.current !== null) onClose();
  };
  return html`<div ref=${ref} class=${`popover ${name}`} popover="auto" role=${role} aria-label=${label} onToggle=${toggled} onKeyDown=${onKeyDown}>
    ${children}
  </div>`;
}

/** Below *anchor* where it fits, else above it, ending where it ends, and always on the screen. @param {HTMLElement} panel @param {Element} anchor */
function place(panel, anchor) {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = panel;
  const below = at.bottom + GAP_PX;
  const top = below + height <= innerHeight - GAP_PX ? below : Math.max(GAP_PX, at.top - GAP_PX - height);
  const start = getComputedStyle(panel).direction === "rtl" ? at.left : at.right - width;
  const left = Math.min(Math.max(GAP_PX, start), innerWidth - width - GAP_PX);
  panel.style.setProperty("--top", `${Math.min(top, innerHeight - height - GAP_PX)}px`);
  panel.style.setProperty("--left", `${left}px`);
}
