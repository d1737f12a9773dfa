/** Was im Verlauf eines Raums gesagt wird: Nachrichten, was man mit ihnen tut, Kommen und Gehen. */

import { count, numbers, list, people } from "./numbers.js";
import { reason } from "./reasons.js";
import { roles } from "./roles.js";

/** @type {typeof import("../en/log.js").log} */
export const log = {
  text: { code: "Code", copy: "Code kopieren", less: "Weniger zeigen", more: "Mehr zeigen", table: "Tabelle" },

  log_: {
    older: "Liest ältere Nachrichten",
    beginning: "Hier beginnt der Raum.",
    newSince: "Neu seit",
    newBelow: (n) => `${numbers.format(n)} neu`,
    jump: "Zur neuesten Nachricht",
    latest: "Neueste",
    notThere: (n) => `Nachricht ${numbers.format(n)} ist nicht da.`,
    today: "Heute",
    yesterday: "Gestern",
    you: "du",
    numberOf: (n) => `Nachricht ${numbers.format(n)}, Link`,
    deleted: "Nachricht gelöscht",
    edited: "(bearbeitet)",
    pinned: "Angeheftet",
    quoteAway: (n) => `Antwort auf Nachricht ${numbers.format(n)}`,
    inThread: (n) => `Im Thread von Nachricht ${numbers.format(n)}`,
    replies: (n) => count(n, "# Antwort im Thread", "# Antworten im Thread"),
    empty: "Hier wurde noch nichts gesagt.",
    emptyFirst: "Hier wurde noch nichts gesagt. Die erste Nachricht bekommt die Nummer 1.",
    alone: (name) => `Du bist allein hier. Öffne diese Seite in einem zweiten Tab und komm als ${name} herein.`,
    joining: "Kommt herein",
    refused: (code) => `Du konntest nicht hereinkommen: ${reason(code)}`,
    again: "Noch einmal",
    outside: "Du bist nicht in diesem Raum.",
    choose: "Wähle einen Raum.",
  },

  message: {
    sending: "Wird gesendet",
    waits: "Auf diesem Gerät aufbewahrt, bis du verbunden bist",
    waitsHere: "Wartet in diesem Tab, bis du verbunden bist",
    notSent: (code) => `Nicht gesendet: ${reason(code)}`,
    notSaved: (code) => `Deine Änderung wurde nicht gespeichert: ${reason(code)}`,
    again: "Noch einmal",
    discard: "Verwerfen",
    delete: "Löschen",
  },

  actions: {
    of: (n) => `Aktionen für Nachricht ${numbers.format(n)}`,
    more: "Weitere Aktionen",
    react: "Reagieren",
    reply: "Antworten",
    thread: "Im Thread antworten",
    edit: "Bearbeiten",
    pin: "Anheften",
    unpin: "Lösen",
    copy: "Link kopieren",
    delete: "Löschen",
    report: "Melden",
    person: "Wer das schrieb",
  },

  reactions: {
    title: "Reagieren",
    more: "Ein anderes Emoji",
    chip: (emoji, n, names) => `${emoji} ${count(n, "# Person", "# Leute")}${names.length > 0 ? `: ${list.format(names)}` : ""}`,
    you: "du",
    others: (n) => count(n, "# weitere Person", "# weitere"),
    common: [
      ["👍", "Daumen hoch"],
      ["❤️", "Herz"],
      ["😂", "lachend"],
      ["🎉", "Feier"],
      ["👀", "Augen"],
      ["🙏", "danke"],
      ["✅", "erledigt"],
      ["👎", "Daumen runter"],
      ["😮", "überrascht"],
      ["😢", "traurig"],
      ["🤔", "nachdenklich"],
      ["🔥", "Feuer"],
      ["🚀", "Rakete"],
      ["💯", "hundert"],
      ["👋", "winkend"],
      ["👏", "klatschend"],
      ["☕", "Kaffee"],
      ["🌱", "Keimling"],
    ],
  },

  emoji: {
    title: "Emoji-Auswahl",
    insert: "Emoji einfügen",
    search: "Emoji nach Namen finden",
    none: (query) => `Kein Emoji heißt „${query}“.`,
    found: (n) => count(n, "# Emoji", "# Emoji"),
    lacking: "Die Liste der Emoji ließ sich nicht laden.",
    again: "Noch einmal",
    kinds: "Arten von Emoji",
    tone: "Hautton",
    tones: ["gelb", "hell", "mittelhell", "mittel", "mitteldunkel", "dunkel"],
    groups: {
      recent: "Oft benutzt",
      smileys: "Gesichter und Gefühle",
      people: "Menschen und Gesten",
      animals: "Tiere und Natur",
      food: "Essen und Trinken",
      travel: "Reisen und Orte",
      activities: "Aktivitäten",
      objects: "Dinge",
      symbols: "Zeichen",
      flags: "Flaggen",
    },
    suggestions: "Passende Emoji",
  },

  remove: {
    title: (n) => `Nachricht ${numbers.format(n)} löschen`,
    lead: "Ihr Text wird für alle gelöscht, endgültig. Ihre Nummer bleibt.",
    go: "Löschen",
    cancel: "Behalten",
  },

  link: {
    title: "Link zur Nachricht",
    copied: "Der Link ist kopiert.",
    lead: "Dieser Browser lässt die Seite nicht kopieren. Hier ist der Link:",
    close: "Schließen",
  },

  folded: {
    cameIn: (names) => `${people(names)} ${names.length === 1 ? "kam" : "kamen"} herein`,
    left: (names) => `${people(names)} ${names.length === 1 ? "ging" : "gingen"}`,
    passed: (names) => `${people(names)} ${names.length === 1 ? "kam und ging" : "kamen und gingen"}`,
    joined: (names) => `${people(names)} ${names.length === 1 ? "ist" : "sind"} dem Raum beigetreten`,
    quit: (names) => `${people(names)} ${names.length === 1 ? "hat" : "haben"} die Mitgliedschaft beendet`,
    removed: (names) => `${people(names)} ${names.length === 1 ? "wurde" : "wurden"} entfernt`,
    show: "Alle zeigen",
    hide: "Einklappen",
  },

  noted: {
    role: (name, role) => `${name} hat jetzt die Rolle ${roles.of(role)}`,
    title: (by, title) => `${by} hat den Raum „${title}“ genannt`,
    topic: (by, topic) => (topic === "" ? `${by} hat das Thema entfernt` : `${by} hat das Thema gesetzt: ${topic}`),
    slow: (by, s) =>
      s === 0 ? `${by} hat den langsamen Modus beendet` : `${by} hat den langsamen Modus gesetzt: ${count(s, "# Sekunde", "# Sekunden")} zwischen zwei Nachrichten`,
    history: (by, history) =>
      history === "joined" ? `${by} hat die Vergangenheit geschlossen: Mitglieder lesen, was seit ihrem Beitritt gesagt wurde` : `${by} hat die Vergangenheit für alle Mitglieder geöffnet`,
    archived: (by) => `${by} hat den Raum archiviert`,
    reopened: (by) => `${by} hat den Raum wieder geöffnet`,
  },

  typing: (names) => (names.length > 3 ? "Mehrere Leute schreiben" : `${list.format(names)} ${names.length === 1 ? "schreibt" : "schreiben"}`),

  composer: {
    label: (room) => `Nachricht an ${room}`,
    placeholder: (room) => `An ${room} schreiben`,
    send: "Senden",
    left: (n) => (n >= 0 ? count(n, "noch # Zeichen", "noch # Zeichen") : count(-n, "# Zeichen zu viel", "# Zeichen zu viel")),
    full: "Nicht angenommen: hier warten schon 1.000 Nachrichten. Dein Text bleibt im Feld.",
    thread: "Im Thread antworten",
    replyTo: "Antwort an",
    noReply: "Nicht darauf antworten",
    editing: (n) => `Nachricht ${numbers.format(n)} wird bearbeitet`,
    noEdit: "So lassen, wie sie ist",
    save: "Speichern",
    people: "Leute, die du erwähnen kannst",
    formatting: {
      label: "Formatierung",
      strong: "Stark",
      em: "Betont",
      code: "Code",
      hint: "**stark** · *betont* · `Code` · > Zitat · - Liste",
    },
  },
};
