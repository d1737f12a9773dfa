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
