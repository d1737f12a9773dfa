/** What is said of files: fetched where there are some. */

import { count, numbers } from "./numbers.js";
import { reason } from "./reasons.js";

export const attaching = {
  tray: "Files of this message",
  drop: (/** @type {string} */ room) => `Drop the files to attach them to your message to ${room}`,
  added: (/** @type {number} */ n) => count(n, "# file added", "# files added"),
  tooMany: (/** @type {number} */ n) => `A message takes ${count(n, "# file", "# files")}. The others were not added.`,
  off: "This server takes no files.",
  waiting: "Waits for the connection",
  sent: "Ready",
  lost: "It is not here any more. Choose it again.",
  refused: (/** @type {string} */ code) => `Not attached: ${reason(code)}`,
  tooLarge: (/** @type {string} */ most) => `Not attached: a file has at most ${most} here.`,
  progress: (/** @type {string} */ name) => `Sending ${name}`,
  cancel: (/** @type {string} */ name) => `Cancel ${name}`,
  remove: (/** @type {string} */ name) => `Remove ${name}`,
  retry: (/** @type {string} */ name) => `Try again: ${name}`,
  alt: (/** @type {string} */ name) => `What is to be seen in ${name}`,
  altHint: "Say what is to be seen",
  parcel: "Goes when its files have arrived",
  takeBack: "Take back",
  kinds: { image: "Picture", audio: "Sound", video: "Video", file: "File" },
  show: "Show the picture",
  play: (/** @type {string} */ name) => `Play ${name}`,
  download: (/** @type {string} */ name) => `Download ${name}`,
  notShown: "It cannot be shown now.",
  notFetched: "It could not be fetched.",
  again: "Try again",
  viewer: {
    of: (/** @type {number} */ n, /** @type {number} */ all) => `${numbers.format(n)} of ${numbers.format(all)}`,
    picture: "Picture",
    previous: "Previous picture",
    next: "Next picture",
    full: "Show it in its own size",
    fit: "Fit it into the window",
    close: "Close",
  },
};
