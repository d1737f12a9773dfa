/** Was zu Räumen gesagt wird: die Liste, der Kopf, anlegen, ändern, verlassen. */

import { count, numbers } from "./numbers.js";
import { reason } from "./reasons.js";

/** @type {typeof import("../en/rooms.js").rooms} */
export const rooms = {
  roomsList: {
    create: "Neuer Raum",
    browse: "Stöbern",
    unread: (n) => count(n, "# ungelesene Nachricht", "# ungelesene Nachrichten"),
    mentioned: (n) => count(n, "# Nachricht erwähnt dich", "# Nachrichten erwähnen dich"),
    search: "Suche",
    closed: (n) => count(n, "# hier geschlossener Raum", "# hier geschlossene Räume"),
    filter: "Räume filtern",
    noMatch: (/** @type {string} */ text) => `Keiner deiner Räume enthält „${text}“.`,
    draft: "Entwurf",
    favourite: "Favorit",
    direct: "Direkt schreiben",
    account: "Dein Konto",
    office: "Verwaltung",
    archived: "archiviert",
    quiet: "keine Benachrichtigungen",
    kinds: { public: "Öffentlicher Raum", private: "Privater Raum", direct: "Direktnachrichten" },
    none: "Noch keine Räume.",
    noneHint: "Tritt einem von diesen bei, oder beginne einen eigenen.",
    loading: "Liest deine Räume",
  },

  head: {
    back: "Zurück zu den Räumen",
    backToLog: "Zurück zu den Nachrichten",
    people: (n) => count(n, "# Person da", "# Leute da"),
    menu: "Menü des Raums",
    favour: "Oben behalten",
    unfavour: "Nicht mehr oben behalten",
    edit: "Name und Thema",
    pinned: "Angeheftete Nachrichten",
    goTo: "Zu Nachricht oder Tag gehen",
    search: "In diesem Raum suchen",
    notify: "Benachrichtigungen",
    closeHere: "Hier schließen",
    closeHint: "Du bleibst Mitglied. Er wartet am Ende deiner Räume.",
    settings: "Einstellungen",
    invite: "Leute einladen",
    programs: "Programme",
    sanctions: "Gesperrt und stumm",
    reports: (n) => (n > 0 ? `Meldungen (${numbers.format(n)})` : "Meldungen"),
    leave: "Raum verlassen",
    leaveHint: "Beendet deine Mitgliedschaft.",
  },

  editRoom: {
    title: "Name und Thema",
    name: "Angezeigter Name",
    nameHint: (room) => `Links behalten den ersten Namen des Raums, ${room}.`,
    topic: "Thema",
    save: "Speichern",
    cancel: "Abbrechen",
    empty: "Ein Raum braucht einen Namen.",
    refused: (code) => `Nicht gespeichert: ${reason(code)}`,
  },

  goTo: {
    title: "Gehe zu",
    number: "Nummer einer Nachricht",
    day: "Oder ein Tag",
    go: "Los",
    cancel: "Abbrechen",
    empty: "Gib die Nummer einer Nachricht an, etwa 120, oder einen Tag.",
    none: "Hier wurde noch nichts gesagt.",
    refused: (code) => `Nicht gefunden: ${reason(code)}`,
  },

  notifyRoom: {
    title: (room) => `Benachrichtigungen von ${room}`,
    of: "Benachrichtige mich bei",
    choices: [
      ["all", "Allen Nachrichten", "Jede Nachricht, die andere hier schreiben."],
      ["mentions", "Erwähnungen", "Nur Nachrichten, die dich nennen."],
      ["none", "Nichts", "Der Raum bleibt in deiner Liste und ist still."],
    ],
    short: { all: "Alle Nachrichten", mentions: "Erwähnungen", none: "Nichts" },
    hint: "Das gilt auf allen deinen Geräten.",
    close: "Schließen",
    refused: (code) => `Nicht gespeichert: ${reason(code)}`,
  },

  leaving: {
    title: (room) => `${room} verlassen`,
    public: "Du liest und schreibst hier dann nicht mehr. Der Raum ist öffentlich: du kannst wieder beitreten.",
    private: "Du liest und schreibst hier dann nicht mehr. Der Raum ist privat: um zurückzukommen, muss dich jemand einladen.",
    waiting: (n) => count(n, "# Nachricht, die hier wartet, wird nicht mehr gesendet.", "# Nachrichten, die hier warten, werden nicht mehr gesendet."),
    heir: (name) => `Du leitest den Raum allein. ${name} übernimmt die Leitung.`,
    someHeir: "Du leitest den Raum allein. Die Leitung übernimmt, wer am längsten moderiert, sonst wer am längsten Mitglied ist.",
    noHeir: "Du bist das einzige Mitglied. Niemand wird mehr darin sein.",
    go: "Raum verlassen",
    cancel: "Bleiben",
    refused: (code) => `Du bist noch Mitglied: ${reason(code)}`,
  },

  gone: (room, why, text, until) => {
    const how = new Map([
      ["quit", `Du hast ${room} verlassen.`],
      ["kicked", `Du wurdest aus ${room} entfernt.`],
      ["removed", `Du wurdest aus ${room} entfernt.`],
      ["banned", until === null ? `Du wurdest in ${room} gesperrt.` : `Du wurdest in ${room} gesperrt, bis ${until}.`],
      ["deleted", `${room} wurde gelöscht.`],
    ]);
    const said = how.get(why) ?? `Du bist nicht mehr in ${room}.`;
    return text === "" ? said : `${said} «${text}»`;
  },

  newRoom: {
    title: "Neuer Raum",
    name: "Name",
    nameHint: "1 bis 64 Zeichen. Der Name bleibt für immer.",
    topic: "Thema",
    optional: "freiwillig",
    private: "Privat: nur eingeladene Leute finden ihn",
    create: "Anlegen",
    cancel: "Abbrechen",
    empty: "Ein Raum braucht einen Namen.",
    refused: (code) => `Nicht angelegt: ${reason(code)}`,
  },

  browse: {
    title: "Öffentliche Räume",
    join: "Beitreten",
    open: "Öffnen",
    members: (n) => count(n, "# Mitglied", "# Mitglieder"),
    none: "Es gibt noch keine öffentlichen Räume.",
    loading: "Liest die Räume",
    refused: (code) => `Die Räume konnten nicht gelesen werden: ${reason(code)}`,
    close: "Schließen",
    find: "Raum finden",
    noMatch: (text) => `Kein öffentlicher Raum enthält „${text}“.`,
  },
};
