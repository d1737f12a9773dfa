/** Keys in a menu: arrows, Home and End go from item to item; Tab leaves. */

/** @param {KeyboardEvent} event */
export function roam(event) {
  const panel = /** @type {HTMLElement} */ (event.currentTarget);
  if (event.key === "Tab") return /** @type {HTMLElement | null} */ (panel.closest("[popover]"))?.hidePopover();
  const items = /** @type {HTMLElement[]} */ ([...panel.querySelectorAll("[role=menuitem]")]);
  const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const { length } = items;
  const next = {
    ArrowDown: (at + 1) % length,
    ArrowRight: (at + 1) % length,
    ArrowUp: (at - 1 + length) % length,
    ArrowLeft: (at - 1 + length) % length,
    Home: 0,
    End: length - 1,
  }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  items[next]?.focus();
}
