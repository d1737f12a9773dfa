/** Was von Dateien gesagt wird: geholt, wo es welche gibt. */

import { count, numbers } from "./numbers.js";
import { reason } from "./reasons.js";

export const attaching = {
  tray: "Dateien dieser Nachricht",
  drop: (/** @type {string} */ room) => `Lass die Dateien los, um sie an deine Nachricht an ${room} zu hängen`,
  added: (/** @type {number} */ n) => count(n, "# Datei hinzugefügt", "# Dateien hinzugefügt"),
  tooMany: (/** @type {number} */ n) => `Eine Nachricht fasst ${count(n, "# Datei", "# Dateien")}. Die übrigen wurden nicht hinzugefügt.`,
  off: "Dieser Server nimmt keine Dateien.",
  waiting: "Wartet auf die Verbindung",
  sent: "Bereit",
  lost: "Sie ist nicht mehr hier. Wähle sie noch einmal.",
  refused: (/** @type {string} */ code) => `Nicht angehängt: ${reason(code)}`,
  tooLarge: (/** @type {string} */ most) => `Nicht angehängt: Eine Datei hat hier höchstens ${most}.`,
  progress: (/** @type {string} */ name) => `${name} wird gesendet`,
  cancel: (/** @type {string} */ name) => `${name} abbrechen`,
  remove: (/** @type {string} */ name) => `${name} entfernen`,
  retry: (/** @type {string} */ name) => `Noch einmal: ${name}`,
  alt: (/** @type {string} */ name) => `Was auf ${name} zu sehen ist`,
  altHint: "Sag, was zu sehen ist",
  parcel: "Geht ab, sobald ihre Dateien angekommen sind",
  takeBack: "Zurücknehmen",
  kinds: { image: "Bild", audio: "Ton", video: "Film", file: "Datei" },
  show: "Bild zeigen",
  play: (/** @type {string} */ name) => `${name} abspielen`,
  download: (/** @type {string} */ name) => `${name} herunterladen`,
  notShown: "Es lässt sich gerade nicht zeigen.",
  notFetched: "Es ließ sich nicht holen.",
  again: "Noch einmal",
  viewer: {
    of: (/** @type {number} */ n, /** @type {number} */ all) => `${numbers.format(n)} von ${numbers.format(all)}`,
    picture: "Bild",
    previous: "Voriges Bild",
    next: "Nächstes Bild",
    full: "In seiner Größe zeigen",
    fit: "Ins Fenster einpassen",
    close: "Schließen",
  },
};
