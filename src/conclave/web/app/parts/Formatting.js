/** What can be done to the text in the field, once there is one: marks, and what they look like. */

import { html } from "../html.js";
import { marked } from "../formatting.js";
import { words } from "../words.js";
import { apply } from "./edits.js";
import { Icon } from "./Icon.js";

/** @import { Mark } from "../formatting.js" */

/** @type {{mark: Mark, key: string, icon: string}[]} */
const BUTTONS = [
  { mark: "strong", key: "B", icon: "strong" },
  { mark: "em", key: "I", icon: "em" },
  { mark: "code", key: "E", icon: "code" },
];

const SEPARATOR = " · ";

/** @param {{field: {current: HTMLTextAreaElement | null}}} given */
export function Formatting({ field }) {
  const { formatting } = words.composer;
  /** @param {Mark} mark */
  const put = (mark) => {
    const { current } = field;
    if (current !== null) apply(current, marked(current.value, current.selectionStart, current.selectionEnd, mark));
  };
  return html`<div class="formatting">
    <div class="formatting-marks" role="toolbar" aria-label=${formatting.label}>
      ${BUTTONS.map(
        ({ mark, key, icon }) =>
          html`<button class="icon-button" type="button" aria-label=${formatting[mark]} title=${`${formatting[mark]} (Ctrl+${key})`} aria-keyshortcuts=${`Control+${key}`} onPointerDown=${kept} onClick=${() => put(mark)}>
            <${Icon} name=${icon} />
          </button>`,
      )}
    </div>
    <p class="formatting-hint meta" aria-hidden="true">${formatting.hint.split(SEPARATOR).map((part, at) => html`<span key=${at}>${at > 0 && SEPARATOR}${part}</span>`)}</p>
  </div>`;
}

/** The field keeps the focus, and a keyboard on the screen stays up. @param {Event} event */
const kept = (event) => event.preventDefault();
