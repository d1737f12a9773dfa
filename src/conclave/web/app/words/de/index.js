/** Jeder Satz der Seite auf Deutsch, mit «du». Die Formen gibt das Englische vor. */

import { account } from "./account.js";
import { door } from "./door.js";
import { fetching } from "./fetching.js";
import { governing } from "./governing.js";
import { keys } from "./keys.js";
import { log } from "./log.js";
import { notices } from "./notices.js";
import { looks } from "./looks.js";
import { count, numbers } from "./numbers.js";
import { office } from "./office.js";
import { panels } from "./panels.js";
import { REASONS, reason } from "./reasons.js";
import { roles } from "./roles.js";
import { rooms } from "./rooms.js";

/** @type {typeof import("../en/index.js").words} */
export const words = {
  ...account,
  ...door,
  ...fetching,
  ...rooms,
  ...log,
  ...looks,
  ...office,
  ...panels,
  ...governing,
  ...keys,
  ...notices,
  roles,
  product: "Conclave",
  skip: "Zum Nachrichtenfeld springen",
  rooms: "Räume",
  people: "Leute",
  log: (room) => `Nachrichten in ${room}`,
  title: (unread, mentions, room) => {
    const counts = [mentions > 0 && `@${numbers.format(mentions)}`, unread > 0 && numbers.format(unread)];
    const counted = counts.filter((part) => part !== false).join(" · ");
    return `${counted === "" ? "" : `(${counted}) `}${room ? `${room} · ` : ""}Conclave`;
  },
  number: (n) => numbers.format(n),

  said: (code, message) => (REASONS.has(code) ? `Der Server hat etwas abgelehnt: ${reason(code)}` : message),
  dismiss: "Ausblenden",

  once: {
    hint: "Es wird nur dieses eine Mal gezeigt. Bewahre es sicher auf.",
    copy: "Kopieren",
    copied: "Kopiert.",
    notCopied: "Dieser Browser lässt die Seite nicht kopieren. Markiere den Text und kopiere ihn.",
  },

  announced: {
    message: (user, text) => `${user}: ${text}`,
    several: (n) => count(n, "# neue Nachricht", "# neue Nachrichten"),
  },
};

export { REASONS };
