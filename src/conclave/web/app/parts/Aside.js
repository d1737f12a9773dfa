/** A part of a text that may be wider than it: it scrolls by itself, and keys reach it only where it does. */

import { useLayoutEffect, useRef, useState } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";

/** @import { ComponentChildren } from "../../vendor/preact.js" */

/** @param {{label: string, class: string, children?: ComponentChildren}} given */
export function Aside({ label, class: name, children }) {
  /** @type {{current: HTMLElement | null}} */
  const box = useRef(null);
  const [wide, setWide] = useState(false);
  useLayoutEffect(() => {
    const { current } = box;
    if (current !== null) setWide(current.scrollWidth > current.clientWidth);
  });
  const reached = wide ? { tabindex: 0, role: "region", "aria-label": label } : {};
  return html`<div ref=${box} class=${name} ...${reached}>${children}</div>`;
}
