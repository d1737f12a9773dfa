/** Was zur Tastatur gesagt wird: die Palette, und das Blatt mit den Tasten. */

/** @type {typeof import("../en/keys.js").keys} */
export const keys = {
  palette: {
    title: "Gehe zu",
    field: "Räume, Leute, Aktionen",
    close: "Schließen",
    list: "Was gefunden wurde",
    none: "Nichts heißt so.",
    search: (text) => (text === "" ? "Nachrichten durchsuchen" : `Nachrichten nach „${text}“ durchsuchen`),
    kinds: { public: "Raum", private: "Privater Raum", direct: "Direktnachrichten" },
    person: "Person",
    deed: "Aktion",
    next: "Nächster ungelesener Raum",
    people: "Leute dieses Raums",
    part: (whole, part) => `${whole}: ${part}`,
    status: (status) => `Anwesenheit: ${status}`,
    open: "Zu einem Raum, einer Person, einer Aktion",
  },
  shortcuts: {
    title: "Tastatur",
    close: "Schließen",
    lead: "Alles geht ohne Maus: Tab führt von Teil zu Teil, die Pfeile führen darin weiter.",
    groups: [
      [
        "Überall",
        [
          ["Ctrl+K", "Zu einem Raum, einer Person, einer Aktion"],
          ["/", "Nachrichten durchsuchen"],
          ["Ctrl+F", "Im Raum suchen, wenn nicht alles gezeichnet ist; noch einmal: im Gezeichneten"],
          ["Alt+↑ Alt+↓", "Voriger und nächster Raum"],
          ["Alt+Shift+↑ Alt+Shift+↓", "Voriger und nächster ungelesener Raum"],
          ["Esc", "Schließen, was offen ist, dann zur neuesten Nachricht: alles ist gelesen"],
          ["?", "Dieses Blatt"],
        ],
      ],
      [
        "Auf einer Nachricht",
        [
          ["↑ ↓ Home End", "Von Nachricht zu Nachricht"],
          ["Enter", "Alles, was man mit ihr tun kann"],
          ["R", "Antworten"],
          ["T", "Im Thread antworten"],
          ["+", "Reagieren"],
          ["E", "Bearbeiten"],
          ["P", "Anheften"],
          ["C", "Ihren Link kopieren"],
          ["U", "Etwas mit der Person tun, die sie schrieb"],
          ["Delete", "Löschen"],
        ],
      ],
      [
        "Beim Schreiben",
        [
          ["Enter", "Senden"],
          ["Shift+Enter", "Neue Zeile"],
          ["↑", "Im leeren Feld: die eigene letzte Nachricht bearbeiten"],
          ["@", "Jemanden erwähnen"],
          ["Esc", "Nicht mehr antworten oder bearbeiten"],
        ],
      ],
    ],
  },
};
