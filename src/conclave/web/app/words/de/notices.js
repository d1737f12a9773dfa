/** Was zu Benachrichtigungen gesagt wird: was der Browser zeigt, und der Teil des Kontos dazu. */

/** @type {typeof import("../en/notices.js").notices} */
export const notices = {
  notices: {
    title: (user, room, mention) => (mention ? `${user} hat dich in ${room} erwähnt` : `${user} in ${room}`),
    lead: "Was ein Raum dir meldet, wählst du in seinem Menü. Hier geht es nur um diesen Browser.",
    on: "Dieser Browser benachrichtigt dich.",
    off: {
      granted: "Dieser Browser benachrichtigt dich nicht.",
      default: "Dieser Browser benachrichtigt dich nicht. Er wird fragen, ob er darf.",
      denied: "Dieser Browser lässt keine Benachrichtigungen der Seite zu. In seinen Einstellungen für diese Seite lässt sich das ändern.",
      unable: "Dieser Browser kann dich hier nicht benachrichtigen. Manche brauchen https oder die Seite auf dem Startbildschirm.",
    },
    turnOn: "Einschalten",
    turnOff: "Ausschalten",
    push: "Auch wenn die Seite geschlossen ist",
    pushHint: "Über den Push-Dienst dieses Browsers. Er erfährt, dass es etwas gibt, und nicht was.",
    pushText: "Mit dem, was geschrieben wurde",
    pushTextHint: "Sonst nur, wer geschrieben hat und wo. Beides ist allein für diesen Browser verschlüsselt.",
    pushWrong: {
      unable: "Dieser Browser hat hier keinen Push-Dienst.",
      denied: "Dieser Browser lässt keine Benachrichtigungen der Seite zu. In seinen Einstellungen für diese Seite lässt sich das ändern.",
      off: "Dieser Server schickt nichts an Push-Dienste.",
      refused: "Der Server hat die Adresse des Push-Dienstes nicht angenommen.",
    },
    sound: "Mit einem Ton",
    away: "Abwesend nach",
    awayChoices: [
      ["1", "1 Minute"],
      ["5", "5 Minuten"],
      ["15", "15 Minuten"],
      ["60", "1 Stunde"],
      ["0", "Nie von selbst"],
    ],
    awayHint: "Ohne Taste oder Berührung auf einem deiner Geräte. Du bist sofort wieder da.",
  },
};
