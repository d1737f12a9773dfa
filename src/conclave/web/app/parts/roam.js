/** Keys in a menu: arrows as one sees them, Home and End go from item to item; Tab leaves. */

/** @param {KeyboardEvent} event */
export function roam(event) {
  const panel = /** @type {HTMLElement} */ (event.currentTarget);
  if (event.key === "Tab") return /** @type {HTMLElement | null} */ (panel.closest("[popover]"))?.hidePopover();
  const items = /** @type {HTMLElement[]} */ ([...panel.querySelectorAll("[role=menuitem]")]);
  const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const { length } = items;
  const fromRight = getComputedStyle(panel).direction === "rtl";
  const [after, before] = [(at + 1) % length, (at - 1 + length) % length];
  const next = {
    ArrowDown: after,
    ArrowRight: fromRight ? before : after,
    ArrowUp: before,
    ArrowLeft: fromRight ? after : before,
    Home: 0,
    End: length - 1,
  }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  items[next]?.focus();
}
