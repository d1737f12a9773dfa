/** What is said of signing in by another system: fetched where one is. */

import { apart } from "./numbers.js";

export const providers = {
  byProvider: (/** @type {string} */ name) => `سجّل الدخول عبر ${apart(name)}`,
  notByProvider: "لم ينجح تسجيل الدخول هناك. حاول مرة أخرى أو ادخل بطريقة أخرى.",
  linked: "طرق دخول أخرى",
  linkedLead: "من سجّل الدخول هناك باسمك يدخل هذا الحساب. لا تربط إلا ما هو لك.",
  link: "اربط",
  linkWith: (/** @type {string} */ name) => `اربط مع ${apart(name)}`,
  unlinkAsk: (/** @type {string} */ name) => `ألّا يُدخلك ${apart(name)} بعد الآن؟`,
  lastWayIn: "لا توجد طريقة أخرى إلى حسابك. أضف كلمة مرور أو مفتاح مرور أولًا.",
};
