/** ما يقال عن الملفات: يُجلب حيث توجد. */

import { apart, count, numbers } from "./numbers.js";
import { reason } from "./reasons.js";

const files = { one: "ملف واحد", two: "ملفان", few: "# ملفات", many: "# ملفًا", other: "# ملف" };
const taken = { one: "ملفًا واحدًا", two: "ملفين", few: "# ملفات", many: "# ملفًا", other: "# ملف" };

export const attaching = {
  tray: "ملفات هذه الرسالة",
  drop: (/** @type {string} */ room) => `أفلت الملفات لإرفاقها برسالتك إلى ${apart(room)}`,
  added: (/** @type {number} */ n) => `أضيف ${count(n, files)}`,
  tooMany: (/** @type {number} */ n) => `تسع الرسالة ${count(n, taken)}. لم يُضف ما زاد على ذلك.`,
  off: "هذا الخادم لا يقبل الملفات.",
  waiting: "ينتظر الاتصال",
  sent: "جاهز",
  lost: "لم يعد هنا. اختره من جديد.",
  refused: (/** @type {string} */ code) => `لم يُرفق: ${reason(code)}`,
  tooLarge: (/** @type {string} */ most) => `لم يُرفق: أقصى حجم للملف هنا ${apart(most)}.`,
  progress: (/** @type {string} */ name) => `يجري إرسال ${apart(name)}`,
  cancel: (/** @type {string} */ name) => `إلغاء ${apart(name)}`,
  remove: (/** @type {string} */ name) => `إزالة ${apart(name)}`,
  retry: (/** @type {string} */ name) => `أعد المحاولة: ${apart(name)}`,
  alt: (/** @type {string} */ name) => `ما يُرى في ${apart(name)}`,
  altHint: "صف ما يُرى",
  parcel: "تُرسل حين تصل ملفاتها",
  takeBack: "استرجاع",
  kinds: { image: "صورة", audio: "صوت", video: "مقطع مرئي", file: "ملف" },
  show: "عرض الصورة",
  play: (/** @type {string} */ name) => `تشغيل ${apart(name)}`,
  download: (/** @type {string} */ name) => `تنزيل ${apart(name)}`,
  notShown: "لا يمكن عرضه الآن.",
  notFetched: "تعذّر جلبه.",
  again: "أعد المحاولة",
  viewer: {
    of: (/** @type {number} */ n, /** @type {number} */ all) => `${numbers.format(n)} من ${numbers.format(all)}`,
    picture: "صورة",
    previous: "الصورة السابقة",
    next: "الصورة التالية",
    full: "عرضها بحجمها",
    fit: "ملاءمتها للنافذة",
    close: "إغلاق",
  },
};
