/** A button that opens a small panel: closed by Esc, by a click elsewhere, by what is chosen in it. */

import { useEffect, useRef } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";
import { Icon } from "./Icon.js";

/** @import { ComponentChildren } from "../../vendor/preact.js" */

/** @param {{label: string, icon: string, class?: string, children?: ComponentChildren}} given */
export function Menu({ label, icon, class: name = "", children }) {
  /** @type {{current: HTMLDetailsElement | null}} */
  const ref = useRef(null);
  useEffect(() => {
    /** @param {Event} event */
    const outside = (event) => {
      const details = ref.current;
      if (details?.open && !details.contains(/** @type {Node} */ (event.target))) details.open = false;
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, []);
  /** @param {KeyboardEvent} event */
  const onKey = (event) => {
    if (event.key !== "Escape" || !ref.current?.open) return;
    event.preventDefault();
    ref.current.open = false;
    ref.current.querySelector("summary")?.focus();
  };
  /** @param {Event} event */
  const chosen = (event) => {
    const inside = /** @type {Element} */ (event.target).closest("button");
    if (inside !== null && ref.current !== null) ref.current.open = false;
  };
  return html`<details class=${`menu ${name}`} ref=${ref} onKeyDown=${onKey}>
    <summary class="icon-button" aria-label=${label} title=${label}><${Icon} name=${icon} /></summary>
    <div class="menu-panel" onClick=${chosen}>${children}</div>
  </details>`;
}
