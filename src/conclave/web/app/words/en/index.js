/**
 * Every sentence the page says, in English. This folder is what the others translate, file by
 * file: its types are theirs, so `tsc` names each sentence that a language lacks.
 *
 * Sentence case; what happened, what is safe, what one can do. No blame, no codes up front.
 */

import { account } from "./account.js";
import { door } from "./door.js";
import { fetching } from "./fetching.js";
import { governing } from "./governing.js";
import { keys } from "./keys.js";
import { log } from "./log.js";
import { looks } from "./looks.js";
import { count, numbers } from "./numbers.js";
import { notices } from "./notices.js";
import { office } from "./office.js";
import { panels } from "./panels.js";
import { REASONS, reason } from "./reasons.js";
import { roles } from "./roles.js";
import { rooms } from "./rooms.js";

export const words = {
  ...account,
  ...door,
  ...fetching,
  ...rooms,
  ...log,
  ...looks,
  ...office,
  ...notices,
  ...panels,
  ...governing,
  ...keys,
  roles,
  product: "Conclave",
  skip: "Skip to the message field",
  rooms: "Rooms",
  people: "People",
  log: (/** @type {string} */ room) => `Messages in ${room}`,
  title: (/** @type {number} */ unread, /** @type {number} */ mentions, /** @type {string | null} */ room) => {
    const counts = [mentions > 0 && `@${numbers.format(mentions)}`, unread > 0 && numbers.format(unread)];
    const counted = counts.filter((part) => part !== false).join(" · ");
    return `${counted === "" ? "" : `(${counted}) `}${room ? `${room} · ` : ""}Conclave`;
  },
  number: (/** @type {number} */ n) => numbers.format(n),

  said: (/** @type {string} */ code, /** @type {string} */ message) =>
    REASONS.has(code) ? `The server refused something: ${reason(code)}` : message,
  dismiss: "Dismiss",

  once: {
    hint: "It is shown this once. Keep it in a safe place.",
    copy: "Copy",
    copied: "Copied.",
    notCopied: "This browser does not let the page copy. Select the text and copy it.",
  },

  announced: {
    message: (/** @type {string} */ user, /** @type {string} */ text) => `${user}: ${text}`,
    several: (/** @type {number} */ n) => count(n, "# new message", "# new messages"),
  },
};

export { REASONS };
