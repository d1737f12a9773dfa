/** The few shapes the page draws, 16 units square, in the colour of the text beside them. */

import { html } from "../html.js";

/** @type {Record<string, string>} */
const PATHS = {
  back: "M10 3 5 8l5 5",
  bubble: "M2.5 3.5h11v7.5h-6l-3 2.5v-2.5h-2z",
  check: "m3.5 8.5 3 3 6-7",
  clock: "M8 2.25a5.75 5.75 0 1 0 0 11.5a5.75 5.75 0 0 0 0-11.5M8 4.75V8l2.25 1.5",
  close: "m4 4 8 8m0-8-8 8",
  compass: "M8 2.25a5.75 5.75 0 1 0 0 11.5a5.75 5.75 0 0 0 0-11.5m2.5 3.25-1.5 4-4 1.5 1.5-4z",
  down: "M8 3v9.5M4 8.5l4 4 4-4",
  hash: "M6.25 2.5 4.75 13.5M11.25 2.5 9.75 13.5M2.75 5.75h11M2.25 10.25h11",
  key: "M8.25 8a2.75 2.75 0 1 1-5.5 0a2.75 2.75 0 0 1 5.5 0H14v2.25M11.5 8v1.75",
  lock: "M4.5 7.25v-1.75a3.5 3.5 0 0 1 7 0v1.75M3.25 7.25h9.5v6.5h-9.5z",
  menu: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  next: "m6 3 5 5-5 5",
  office: "M3 13.5V2.75h7v10.75M10 6.5h3v7M1.75 13.5h12.5M5.25 5.5h2.5M5.25 8h2.5M5.25 10.5h2.5",
  pen: "M3 13l.75-3L10.5 3.25l2.25 2.25L6 12.25z",
  people: "M6 3.25a2.25 2.25 0 1 0 0 4.5a2.25 2.25 0 0 0 0-4.5M1.75 13c0-2.3 1.8-3.75 4.25-3.75S10.25 10.7 10.25 13M10.5 3.5a2.25 2.25 0 0 1 0 4.2M11.75 9.6c1.6.5 2.5 1.7 2.5 3.4",
  person: "M8 2.75a2.5 2.5 0 1 0 0 5a2.5 2.5 0 0 0 0-5M3 13.5c0-2.6 2.1-4 5-4s5 1.4 5 4",
  pin: "M6 2.5h4M6.5 2.5v4l-2 2.5h7l-2-2.5v-4M8 9v4.5",
  plus: "M8 3v10M3 8h10",
  reply: "M6.5 4 3 7.5 6.5 11M3 7.5h6a4 4 0 0 1 4 4v1",
  search: "M7 2.75a4.25 4.25 0 1 0 0 8.5a4.25 4.25 0 0 0 0-8.5m3 7.25 3.5 3.5",
  send: "M8 13V3.5M4 7.5l4-4 4 4",
  smile: "M8 2.25a5.75 5.75 0 1 0 0 11.5a5.75 5.75 0 0 0 0-11.5M5.5 9.25c.5 1 1.4 1.6 2.5 1.6s2-.6 2.5-1.6M6 6.25v.01M10 6.25v.01",
  thread: "M3 3.5v6.5a2 2 0 0 0 2 2h2M6 3.5h7M6 7.25h7M9.5 12h3.5",
  warning: "M8 2.5 14.25 13.25H1.75zM8 6.5v3.25M8 11.5v.01",
};

/** @param {{name: string}} given */
export function Icon({ name }) {
  return html`<svg class=${`icon icon-${name}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    <path d=${PATHS[name]} />
  </svg>`;
}
