/** What is said at the door and by the latch: coming in, and how the connection is. */

import { count, numbers } from "./numbers.js";

export const door = {
  signIn: {
    title: "Come in",
    lead: "A room that locks with a key. Yours is a token.",
    demo: "This is a demo: choose who to be. A second tab can be somebody else.",
    enterAs: (/** @type {string} */ name) => `Enter as ${name}`,
    or: "or with a token",
    token: "Token",
    hint: "It stays in this tab and is forgotten when you sign out.",
    show: "Show",
    hide: "Hide",
    go: "Sign in",
    empty: "Enter a token first.",
    refused: "This token is not known here. Check that all of it was copied.",
    expired: "You were signed out: your token has expired.",
    closed: "The server ended this session.",
  },

  latch: {
    label: "Connection",
    connected: "Connected",
    connecting: "Connecting…",
    checking: "Checking your token…",
    lost: (/** @type {number} */ s) =>
      s > 0 ? `Connection lost. Trying again in ${numbers.format(s)} s` : "Connection lost. Trying again",
    now: "Now",
    offline: (/** @type {number} */ n) =>
      n > 0
        ? `You are offline. Keep writing: ${count(n, "# message waits here.", "# messages wait here.")}`
        : "You are offline. Keep writing.",
    restarting: (/** @type {number} */ s) =>
      `The server is restarting. Back in about ${numbers.format(Math.max(1, s))} s.`,
    signedOut: "Signed out",
    details: "Details",
    hideDetails: "Close",
    signOut: "Sign out",
    signedInAs: "Signed in as",
    link: "Link",
    roundTrip: "Last round trip",
    noRoundTrip: "not measured yet",
    ms: (/** @type {number} */ ms) => `${numbers.format(Math.max(1, Math.round(ms)))} ms`,
    lastEnd: "Last end",
    noEnd: "none",
    waiting: "Waiting here",
    messages: (/** @type {number} */ n) => count(n, "# message", "# messages"),
    kept: "What waits is kept",
    keptWhere: { disk: "on this device", memory: "in this tab only", opening: "looking for room" },
    blocked:
      "This browser lets the page keep nothing. What waits here is lost if you close the tab.",
  },
};
