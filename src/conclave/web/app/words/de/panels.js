/** Was neben dem Verlauf gesagt wird: Leute, ein Thread, Angeheftetes, eine Suche. */

import { count, numbers } from "./numbers.js";
import { reason } from "./reasons.js";
import { statusOf } from "./roles.js";

/** @type {typeof import("../en/panels.js").panels} */
export const panels = {
  panel: { close: (title) => `${title} schließen` },

  thread: {
    title: "Thread",
    refused: (code) => `Der Thread konnte nicht gelesen werden: ${reason(code)}`,
    label: "Nachrichten des Threads",
  },

  pins: {
    title: "Angeheftet",
    unpin: (n) => `Nachricht ${numbers.format(n)} lösen`,
    none: "Hier ist nichts angeheftet.",
    noneHint: "Im Menü einer Nachricht steht «Anheften».",
    refused: (code) => `Was angeheftet ist, konnte nicht gelesen werden: ${reason(code)}`,
  },

  search: {
    title: "Suche",
    field: "In deinen Räumen suchen",
    hint: "Wörter werden in jeder Reihenfolge gefunden, mit und ohne Akzente.",
    operators: [
      ["“stilles Buch”", "diese Wörter nebeneinander"],
      ["from:ana", "von ana geschrieben"],
      ["in:plans", "in einem Raum"],
      ["-entwurf", "ohne dieses Wort"],
      ["after:2026-11-01", "von diesem Tag an"],
      ["before:2026-12-01", "vor diesem Tag"],
      ["has:link", "oder reply, thread, reaction, pin"],
    ],
    found: (n, more) => (more ? `Die ersten ${count(n, "# Nachricht", "# Nachrichten")}` : count(n, "# Nachricht", "# Nachrichten")),
    none: (query) => `Keine Nachricht in den Räumen, die du lesen kannst, enthält „${query}“.`,
    more: "Mehr zeigen",
    reading: "Sucht",
    refused: (code) => `Nicht gesucht: ${reason(code)}`,
  },

  aside: {
    count: (n) => `${numbers.format(n)} jetzt da`,
    you: "du",
    admin: "Admin",
    more: (n) => count(n, "und # weitere Person", "und # weitere"),
    away: "Mitglieder, die nicht da sind",
    moreMembers: "Mehr zeigen",
    refused: (code) => `Die Mitglieder konnten nicht gelesen werden: ${reason(code)}`,
    status: (status) => statusOf(status),
    notHere: "nicht da",
    ignored: "ignoriert",
    statusOf: (status) => (status === "offline" || status === "" ? "nicht da" : statusOf(status)),
  },
};
