/** A modal dialog: the browser keeps the focus in it and gives it back. */

import { useLayoutEffect, useRef } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";
import { Icon } from "./Icon.js";

/** @import { ComponentChildren } from "../../vendor/preact.js" */

/** @param {{title: string, close: string, onClose: () => void, name?: string, wide?: boolean, children?: ComponentChildren}} given   name: tells it from another one that is open */
export function Dialog({ title, close, onClose, name = "dialog", wide = false, children }) {
  /** @type {{current: HTMLDialogElement | null}} */
  const ref = useRef(null);
  useLayoutEffect(() => {
    const opener = document.activeElement;
    if (!ref.current?.open) ref.current?.showModal();
    // Not `autofocus`: that is of the document's loading, and a browser complains of it later.
    /** @type {HTMLElement | null | undefined} */ (ref.current?.querySelector("[data-focus]"))?.focus();
    return () => {
      // Taken from the page while the browser still looks after it, a dialog leaves the focus nowhere.
      if (document.activeElement === document.body && opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  // The event comes late: by then another dialog may be in its place.
  const closed = () => ref.current !== null && onClose();
  /** @param {Event} event */
  const backdrop = (event) => {
    if (event.target === ref.current) ref.current?.close();
  };
  return html`<dialog ref=${ref} class=${wide ? "dialog dialog-wide" : "dialog"} aria-labelledby=${`${name}-title`} onClose=${closed} onClick=${backdrop}>
    <div class="dialog-inside">
      <header class="dialog-head">
        <h2 class="serif" id=${`${name}-title`}>${title}</h2>
        <button class="icon-button" type="button" aria-label=${close} onClick=${() => ref.current?.close()}><${Icon} name="close" /></button>
      </header>
      ${children}
    </div>
  </dialog>`;
}
