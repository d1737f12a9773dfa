/** Was über Befehle mit Schrägstrich und ihre Antworten gesagt wird. */

import { reason } from "./reasons.js";

/** @type {typeof import("../en/slash.js").slash} */
export const slash = {
  list: "Befehle",
  answers: "Antworten auf deine Befehle",
  alone: "Das siehst nur du.",
  asking: "Wird gefragt",
  away: "nicht da",
  none: (name) => `Den Befehl ${name} gibt es hier nicht.`,
  failed: (code) => `Nicht beantwortet: ${reason(code)}`,
  said: (text) => `Nicht beantwortet: ${text}`,
  send: "Als Nachricht senden",
  again: "Noch einmal fragen",
  dismiss: "Ausblenden",
  server: "Server",
};
