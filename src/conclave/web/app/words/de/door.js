/** Was an der Tür und von der Klinke gesagt wird: hereinkommen, und wie die Verbindung ist. */

import { count, numbers } from "./numbers.js";
import { reason } from "./reasons.js";

/** Was an der Tür mit anderen Worten gesagt wird als sonst. @type {Map<string, string>} */
const REFUSED = new Map(
  Object.entries({
    auth_failed: "Dieser Name und dieses Passwort gehören nicht zusammen.",
    name_taken: "Jemand hat diesen Namen schon. Wähle einen anderen.",
    bad_request: "Das kann hier kein Name sein, oder das Passwort ist zu kurz.",
    forbidden: "So lässt dieser Server niemanden herein.",
    not_found: "Dieser Link gilt nicht mehr.",
    connection_lost: "Der Server antwortet nicht. Versuch es gleich noch einmal.",
  }),
);

/** Wann es den nächsten Versuch gibt. @param {number} s   0: er läuft */
const again = (s) => (s > 0 ? `Neuer Versuch in ${numbers.format(s)} s` : "Neuer Versuch läuft");

/** @type {typeof import("../en/door.js").door} */
export const door = {
  signIn: {
    title: "Komm herein",
    lead: "Räume, die man mit einem Schlüssel abschließt.",
    demo: "Das ist eine Demo: wähle, wer du bist. Ein zweiter Tab kann jemand anders sein.",
    enterAs: (name) => `Als ${name} herein`,
    or: "oder mit einem Token",
    orPassword: "oder mit Name und Passwort",
    token: "Token",
    hint: "Es bleibt in diesem Tab und wird vergessen, wenn du dich abmeldest.",
    show: "Zeigen",
    hide: "Verbergen",
    go: "Anmelden",
    empty: "Gib erst ein Token ein.",
    refused: "Dieses Token ist hier nicht bekannt. Schau, ob es ganz kopiert wurde.",
    expired: "Du wurdest abgemeldet: deine Sitzung ist zu Ende.",
    revoked: "Du wurdest abgemeldet: auf einem anderen Gerät oder von der Verwaltung.",
    banned: "Dieses Konto ist geschlossen: die Verwaltung hat es stillgelegt.",
    identity: "Du wurdest abgemeldet: jemand anders hat sich hier angemeldet.",
    closed: "Der Server hat diese Sitzung beendet.",
  },

  door: {
    name: "Name",
    password: "Passwort",
    go: "Anmelden",
    passkey: "Passkey benutzen",
    token: "Ich habe ein Token",
    noToken: "Mit Passwort",
    guest: "Als Gast herein",
    back: "Zurück",
    missing: "Gib deinen Namen und dein Passwort ein.",
    noPasskeys: "Dieser Browser hat hier keine Passkeys. Sie brauchen https oder das Gerät des Servers selbst.",
    passkeyStopped: "Es wurde kein Passkey benutzt. Versuch es noch einmal, oder komm anders herein.",
    wrongPasskey: "Dieser Passkey ist hier nicht bekannt.",
    wrongCode: "Dieser Code gilt nicht. Codes wechseln alle 30 Sekunden, und jeder gilt einmal.",
    refused: ({ code, retryAfterMs }) => {
      if (code === "rate_limited" && retryAfterMs !== null) {
        return `Zu viele Versuche. Versuch es in ${count(Math.max(1, Math.ceil(retryAfterMs / 1000)), "# Sekunde", "# Sekunden")} noch einmal.`;
      }
      return REFUSED.get(code) ?? `Nicht angemeldet: ${reason(code)}`;
    },
    second: {
      title: "Noch ein Schritt",
      lead: { totp: "Gib den Code ein, den deine App zeigt.", recovery: "Gib einen deiner Wiederherstellungscodes ein. Jeder gilt einmal.", passkey: "Dein Konto hat einen Passkey. Benutze ihn jetzt." },
      code: "Code",
      recoveryCode: "Wiederherstellungscode",
      other: { totp: "Code aus einer App", recovery: "Wiederherstellungscode", passkey: "Passkey benutzen" },
      go: "Weiter",
    },
    account: {
      setup: "Das ist ein neues Conclave. Lege das erste Konto an.",
      setupHint: "Es ist ein Admin-Konto: es lädt Leute ein und kümmert sich um Räume.",
      invite: "Du bist eingeladen. Lege dein Konto an.",
      inviteRoom: (room) => `Du bist nach ${room} eingeladen. Lege dein Konto an.`,
      name: "Name",
      nameHint: "2 bis 32 Kleinbuchstaben, Ziffern, Punkte, Binde- oder Unterstriche. Er bleibt.",
      shown: "Angezeigter Name",
      password: "Passwort",
      passwordHint: "Mindestens 10 Zeichen. Ein paar Wörter sind gut.",
      go: "Konto anlegen",
      missing: "Name und Passwort werden gebraucht.",
      notGood: "Dieser Link gilt nicht mehr: er wurde benutzt, zurückgenommen oder ist zu alt. Wer ihn dir gab, kann einen neuen erstellen.",
      reading: "Sieht sich den Link an",
      dismiss: "Stattdessen anmelden",
    },
    reset: {
      title: "Ein neues Passwort",
      lead: (name) => `Für das Konto ${name}. Alle seine Geräte werden abgemeldet.`,
      password: "Neues Passwort",
      go: "Passwort setzen",
      missing: "Gib ein neues Passwort ein.",
    },
    asGuest: { title: "Als Gast herein", name: "Angezeigter Name", lead: "Gäste lesen und schreiben in öffentlichen Räumen. Es endet nach einem Tag, oder wenn du dich abmeldest.", go: "Herein", missing: "Gib einen Namen ein." },
  },

  latch: {
    label: "Verbindung",
    connected: "Verbunden",
    connecting: "Verbindet…",
    checking: "Prüft, wer du bist…",
    lost: (s) => `Verbindung verloren. ${again(s)}`,
    away: (s) => `Der Server antwortet nicht. ${again(s)}`,
    stopped: (s) => `Der Server hielt an. ${again(s)}`,
    refused: (s) => `Verbindung abgelehnt. ${again(s)}`,
    full: (places, s) => `${places > 0 ? count(places, "Der # Platz ist vergeben", "Alle # Plätze sind vergeben") : "Alle Plätze sind vergeben"}. ${again(s)}`,
    crowded: (s) => `Alle Plätze deines Netzes sind vergeben. ${again(s)}`,
    now: "Jetzt",
    offline: (n) =>
      n > 0 ? `Du bist offline. Schreib weiter: ${count(n, "# Nachricht wartet hier.", "# Nachrichten warten hier.")}` : "Du bist offline. Schreib weiter.",
    restarting: (s) => `Der Server startet neu. Zurück in etwa ${numbers.format(Math.max(1, s))} s.`,
    signedOut: "Abgemeldet",
    details: "Einzelheiten",
    hideDetails: "Schließen",
    signOut: "Abmelden",
    signedInAs: "Angemeldet als",
    link: "Verbindung",
    roundTrip: "Letzte Umlaufzeit",
    noRoundTrip: "noch nicht gemessen",
    ms: (ms) => `${numbers.format(Math.max(1, Math.round(ms)))} ms`,
    lastEnd: "Letztes Ende",
    noEnd: "keines",
    endedAt: "Beendet um",
    code: "Nummer",
    why: (n) =>
      new Map([
        [1000, "Sie wurde hier geschlossen."],
        [1001, "Der Server hielt an oder startete neu."],
        [1006, "Sie brach ab, oder es kam nichts mehr."],
        [1008, "Wer du bist, wurde nicht rechtzeitig gezeigt oder nicht geglaubt."],
        [1009, "Eine Nachricht war größer, als der Server annimmt."],
        [1011, "Auf dem Server ging etwas schief."],
        [1012, "Der Server startete neu."],
        [1013, "Der Server ist voll oder beschäftigt."],
        [4002, "Das Token oder die Sitzung war abgelaufen."],
        [4003, "Deine Verbindung war zu langsam für alles, was gesagt wurde."],
        [4005, "In kurzer Zeit wurde zu viel gesendet."],
        [4006, "Der Server verlor, was er von dieser Verbindung wusste."],
        [4007, "Du bist an zu vielen Orten verbunden; dies war die älteste."],
        [4501, "Du wurdest auf einem anderen Gerät oder von einem Admin abgemeldet."],
        [4502, "Dieses Konto wurde von einem Admin geschlossen."],
        [4503, "Jemand anderes hat sich hier angemeldet."],
        [4504, "Diese Seite ist von einer anderen Version als der Server: lade sie neu."],
      ]).get(n) ?? "Der Server beendete sie.",
    whyNot: {
      away: "Der Server antwortet nicht. Er läuft nicht, oder etwas steht im Weg: eine Firewall oder ein Zertifikat, das nicht passt.",
      refused: "Der Server antwortet, lässt aber keine Verbindung durch: er kennt die Adresse dieser Seite nicht, oder ein Proxy auf dem Weg nimmt keine WebSockets an.",
      full: "So viele Leute sind verbunden, wie es sein dürfen. Du kommst herein, sobald jemand geht.",
      crowded: "Aus deinem Netz sind so viele Leute verbunden, wie es sein dürfen. Du kommst herein, sobald jemand davon geht.",
      stopping: "Der Server hielt an oder startete neu.",
    },
    waiting: "Wartet hier",
    messages: (n) => count(n, "# Nachricht", "# Nachrichten"),
    kept: "Was wartet, bleibt",
    keptWhere: { disk: "auf diesem Gerät", memory: "nur in diesem Tab", opening: "sucht noch Platz" },
    blocked: "Dieser Browser lässt die Seite nichts aufbewahren. Was hier wartet, ist verloren, wenn du den Tab schließt.",
  },
};
