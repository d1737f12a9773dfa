/** What is said of slash commands and their answers. */

import { reason } from "./reasons.js";

export const slash = {
  list: "Commands",
  answers: "Answers to your commands",
  alone: "Only you see this.",
  asking: "Asking",
  away: "away",
  none: (/** @type {string} */ name) => `There is no command ${name} here.`,
  failed: (/** @type {string} */ code) => `Not answered: ${reason(code)}`,
  said: (/** @type {string} */ text) => `Not answered: ${text}`,
  send: "Send as message",
  again: "Ask again",
  dismiss: "Dismiss",
  server: "Server",
};
