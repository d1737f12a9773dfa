/** What is said beside the log: people, a thread, what is pinned, a search. */

import { count, numbers } from "./numbers.js";
import { reason } from "./reasons.js";
import { statusOf } from "./roles.js";

export const panels = {
  panel: { close: (/** @type {string} */ title) => `Close ${title}` },

  thread: {
    title: "Thread",
    refused: (/** @type {string | null} */ code) => `The thread could not be read: ${reason(code)}`,
    label: "Messages of the thread",
  },

  pins: {
    title: "Pinned",
    unpin: (/** @type {number} */ n) => `Unpin message ${numbers.format(n)}`,
    none: "Nothing is pinned here.",
    noneHint: "A message’s menu has «Pin».",
    refused: (/** @type {string | null} */ code) => `What is pinned could not be read: ${reason(code)}`,
  },

  search: {
    title: "Search",
    field: "Search in your rooms",
    hint: "Words are found in any order, with and without accents.",
    operators: [
      ["“quiet ledger”", "these words side by side"],
      ["from:ana", "written by ana"],
      ["in:plans", "in one room"],
      ["-draft", "without this word"],
      ["after:2026-11-01", "from that day on"],
      ["before:2026-12-01", "earlier than that day"],
      ["has:link", "or reply, thread, reaction, pin"],
    ],
    found: (/** @type {number} */ n, /** @type {boolean} */ more) =>
      more ? `The first ${count(n, "# message", "# messages")}` : count(n, "# message", "# messages"),
    none: (/** @type {string} */ query) => `No message contains “${query}” in the rooms you can read.`,
    more: "Show more",
    reading: "Searching",
    refused: (/** @type {string} */ code) => `Not searched: ${reason(code)}`,
  },

  aside: {
    count: (/** @type {number} */ n) => count(n, "# here now", "# here now"),
    you: "you",
    admin: "admin",
    more: (/** @type {number} */ n) => count(n, "and # other", "and # others"),
    away: "Members who are not here",
    moreMembers: "Show more",
    refused: (/** @type {string} */ code) => `The members could not be read: ${reason(code)}`,
    status: (/** @type {string} */ status) => statusOf(status),
    notHere: "not here",
    ignored: "ignored",
    statusOf: (/** @type {string} */ status) => (status === "offline" || status === "" ? "not here" : statusOf(status)),
  },
};
