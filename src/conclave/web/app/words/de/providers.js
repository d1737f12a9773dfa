/** What is said of signing in by another system: fetched where one is. */

export const providers = {
  byProvider: (/** @type {string} */ name) => `Mit ${name} anmelden`,
  notByProvider: "Die Anmeldung dort hat nicht geklappt. Versuche es noch einmal oder komm auf einem anderen Weg herein.",
  linked: "Andere Anmeldungen",
  linkedLead: "Wer dort als du angemeldet ist, kommt in dieses Konto. Verknüpfe nur, was dir gehört.",
  link: "Verknüpfen",
  linkWith: (/** @type {string} */ name) => `Mit ${name} verknüpfen`,
  unlinkAsk: (/** @type {string} */ name) => `Soll ${name} dich nicht mehr anmelden?`,
  lastWayIn: "Es gibt keinen anderen Weg in dein Konto. Füge erst ein Passwort oder einen Passkey hinzu.",
};
