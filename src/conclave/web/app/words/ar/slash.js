/** ما يقال عن الأوامر وأجوبتها. */

import { apart } from "./numbers.js";
import { reason } from "./reasons.js";

/** @type {typeof import("../en/slash.js").slash} */
export const slash = {
  list: "الأوامر",
  answers: "أجوبة أوامرك",
  alone: "أنت وحدك ترى هذا.",
  asking: "جارٍ السؤال",
  away: "غائب",
  none: (name) => `لا يوجد هنا أمر ${apart(name)}.`,
  failed: (code) => `لم يُجب: ${reason(code)}`,
  said: (text) => `لم يُجب: ${apart(text)}`,
  send: "إرسال كرسالة",
  again: "السؤال مجددًا",
  dismiss: "إخفاء",
  server: "الخادم",
};
