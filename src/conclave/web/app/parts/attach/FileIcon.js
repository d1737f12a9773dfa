/** What stands for a file that is no picture. */

import { html } from "../../html.js";

const PATHS = {
  image: "M2.5 3.5h11v9h-11zM2.5 11l3.25-3.25 2.5 2.5L10.5 8l3 3M10.5 6.25h.01",
  audio: "M6 12V4l6.5-1.25v8M6 12a1.75 1.5 0 1 1-3.5 0a1.75 1.5 0 0 1 3.5 0M12.5 10.75a1.75 1.5 0 1 1-3.5 0a1.75 1.5 0 0 1 3.5 0",
  video: "M2.5 4h11v8h-11zM7 6.25v3.5L9.75 8z",
  file: "M4 2.5h5l3 3v8H4zM9 2.5v3h3",
};

/** @param {{kind: keyof typeof PATHS}} given */
export function FileIcon({ kind }) {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path d=${PATHS[kind]} /></svg>`;
}
