/** ما يقال بجانب السجل: الأشخاص، والنقاش الفرعي، والمثبّت، والبحث. */

import { apart, count, messages, numbers } from "./numbers.js";
import { reason } from "./reasons.js";
import { statusOf } from "./roles.js";

/** @type {typeof import("../en/panels.js").panels} */
export const panels = {
  panel: { close: (title) => `إغلاق: ${apart(title)}` },

  thread: {
    title: "نقاش فرعي",
    refused: (code) => `تعذّرت قراءة النقاش: ${reason(code)}`,
    label: "رسائل النقاش الفرعي",
  },

  pins: {
    title: "المثبّت",
    unpin: (n) => `إلغاء تثبيت الرسالة ${numbers.format(n)}`,
    none: "لا شيء مثبّت هنا.",
    noneHint: "في قائمة كل رسالة تجد «تثبيت».",
    refused: (code) => `تعذّرت قراءة المثبّت: ${reason(code)}`,
  },

  search: {
    title: "بحث",
    field: "ابحث في غرفك",
    hint: "تُعثر على الكلمات بأي ترتيب، مع التشكيل أو بدونه.",
    operators: [
      ["“دفتر هادئ”", "هذه الكلمات متجاورة"],
      ["from:ana", "ما كتبته ana"],
      ["in:plans", "في غرفة واحدة"],
      ["-مسودة", "من دون هذه الكلمة"],
      ["after:2026-11-01", "من ذلك اليوم فصاعدًا"],
      ["before:2026-12-01", "قبل ذلك اليوم"],
      ["has:link", "أو reply أو thread أو reaction أو pin"],
    ],
    found: (n, more) =>
      more ? count(n, { one: "أول رسالة", two: "أول رسالتين", few: "أول # رسائل", many: "أول # رسالة", other: "أول # رسالة" }) : count(n, messages),
    none: (query) => `لا توجد رسالة تحتوي على «${apart(query)}» في الغرف التي يمكنك قراءتها.`,
    more: "عرض المزيد",
    reading: "جارٍ البحث",
    refused: (code) => `لم يتم البحث: ${reason(code)}`,
  },

  aside: {
    count: (n) => `${numbers.format(n)} هنا الآن`,
    you: "أنت",
    admin: "مدير",
    more: (n) => count(n, { one: "وشخص آخر", two: "وشخصان آخران", few: "و# آخرون", many: "و# آخرون", other: "و# آخرون" }),
    away: "أعضاء ليسوا هنا",
    moreMembers: "عرض المزيد",
    refused: (code) => `تعذّرت قراءة قائمة الأعضاء: ${reason(code)}`,
    status: (status) => statusOf(status),
    notHere: "ليس هنا",
    ignored: "متجاهَل",
    statusOf: (status) => (status === "offline" || status === "" ? "ليس هنا" : statusOf(status)),
  },
};
