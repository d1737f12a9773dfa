/** ما يقال عمّن يحق له ماذا في الغرفة: الإعدادات، والأشخاص، والحظر، والروابط، والبلاغات. */

import { apart, count, list, numbers, seconds } from "./numbers.js";
import { reason } from "./reasons.js";
import { roles } from "./roles.js";

const MINUTE = 60_000;

/** @type {typeof import("../en/governing.js").governing} */
export const governing = {
  durations: [
    [String(10 * MINUTE), "10 دقائق"],
    [String(60 * MINUTE), "ساعة واحدة"],
    [String(24 * 60 * MINUTE), "يوم واحد"],
    [String(7 * 24 * 60 * MINUTE), "أسبوع واحد"],
    [String(30 * 24 * 60 * MINUTE), "30 يومًا"],
    ["", "حتى يُرفع"],
  ],

  settings: {
    title: (room) => `إعدادات ${apart(room)}`,
    menu: "إعدادات الغرفة",
    parts: "أقسام الإعدادات",
    general: "الإعدادات",
    invitations: "الدعوات",
    sanctions: "الحظر والكتم",
    reports: "البلاغات",
    close: "إغلاق",
    slow: "الوضع البطيء",
    slowHint: "كم ينتظر العضو بين رسالتين. المشرفون لا ينتظرون.",
    slowChoices: [
      ["0", "متوقف"],
      ["5", "5 ثوانٍ"],
      ["10", "10 ثوانٍ"],
      ["30", "30 ثانية"],
      ["60", "دقيقة واحدة"],
      ["300", "5 دقائق"],
      ["900", "15 دقيقة"],
      ["3600", "ساعة واحدة"],
    ],
    slowOther: (s) => count(s, { one: "ثانية واحدة", two: "ثانيتان", few: "# ثوانٍ", many: "# ثانية", other: "# ثانية" }),
    history: "من يقرأ الماضي",
    historyHint: "يسري ذلك على الأعضاء الحاليين أيضًا.",
    historyChoices: [
      ["all", "يقرأ الأعضاء كل شيء"],
      ["joined", "يقرأ الأعضاء ما قيل منذ انضمامهم"],
    ],
    kind: "من يجدها",
    kindChoices: [
      ["public", "عامة: يجدها الجميع هنا وينضمون إليها"],
      ["private", "خاصة: لا يجدها إلا من يُدعى إليها"],
    ],
    save: "حفظ",
    saved: "حُفظ.",
    refused: (code) => `لم يُحفظ: ${reason(code)}`,
    archive: "أرشفة الغرفة",
    archiveLead: "لا يُكتب فيها شيء بعد ذلك. يمكن قراءتها، وإعادة فتحها.",
    archiveAsk: (room) => `أرشفة ${apart(room)}؟`,
    reopen: "إعادة الفتح",
    reopenLead: "الغرفة مؤرشفة: يمكن قراءتها، ولا يُكتب فيها شيء.",
    delete: "حذف الغرفة",
    deleteLead: "تُمحى الغرفة وكل ما قيل فيها لدى الجميع نهائيًا.",
    deleteAsk: (room) => `حذف ${apart(room)}؟`,
    cancel: "الإبقاء عليها",
    notDone: (code) => `لم يتم: ${reason(code)}`,
  },

  invite: {
    byName: "دعوة شخص",
    byNameHint: "يصبح عضوًا في الحال، ويجد الغرفة في قائمته.",
    go: "دعوة",
    invited: (name) => `أصبح ${apart(name)} عضوًا.`,
    links: "الروابط",
    linksHint: "كل من لديه رابط يستطيع الدخول. لا تعطه إلا لمن يحق له ذلك.",
    none: "لا توجد روابط إلى هذه الغرفة.",
    uses: "كم مرة",
    usesChoices: [
      ["1", "مرة واحدة"],
      ["5", "5 مرات"],
      ["25", "25 مرة"],
      ["", "بلا حد"],
    ],
    days: "كم من الوقت",
    daysChoices: [
      ["1", "يوم واحد"],
      ["7", "7 أيام"],
      ["30", "30 يومًا"],
      ["", "حتى يُسحب"],
    ],
    note: "لأي غرض",
    make: "إنشاء رابط",
    made: "الرابط الجديد",
    revoke: "سحب",
    revokeAsk: "سحب هذا الرابط؟",
    revokeLead: "لن يدخل به أحد بعد الآن. ومن دخل به يبقى.",
    left: (left, uses) => {
      const rest = left === null ? "استخدامات بلا حد" : count(left, { one: "بقي استخدام واحد", two: "بقي استخدامان", few: "بقيت # استخدامات", many: "بقي # استخدامًا", other: "بقي # استخدام" });
      const used = uses === 0 ? "لم يُستخدم" : count(uses, { one: "استُخدم مرة واحدة", two: "استُخدم مرتين", few: "استُخدم # مرات", many: "استُخدم # مرة", other: "استُخدم # مرة" });
      return `${rest} · ${used}`;
    },
    until: (when) => `حتى ${apart(when)}`,
    forEver: "حتى يُسحب",
    unnamed: "رابط",
    refused: (code) => `لم يتم: ${reason(code)}`,
    joinTitle: (room) => (room === "" ? "دعوة" : `الانضمام إلى ${apart(room)}؟`),
    joinLead: "جئت برابط دعوة. ستصبح عضوًا في الغرفة.",
    joinSpent: "لم تعد هذه الدعوة صالحة: استُخدمت أو سُحبت أو مضى عليها وقت طويل.",
    join: "انضمام",
    notNow: "ليس الآن",
  },

  sanctions: {
    bans: "محظورون",
    mutes: "مكتومون",
    none: "لا أحد محظور أو مكتوم هنا.",
    lift: "رفع",
    liftAsk: (name, ban) => (ban ? `السماح بعودة ${apart(name)}؟` : `السماح بالكتابة مجددًا: ${apart(name)}؟`),
    until: (when) => `حتى ${apart(when)}`,
    forEver: "حتى يُرفع",
    by: (who) => `بواسطة ${apart(who)}`,
    refused: (code) => `تعذّرت القراءة: ${reason(code)}`,
  },

  against: {
    titles: {
      mute: (name) => `كتم ${apart(name)}`,
      ban: (name) => `حظر ${apart(name)}`,
      kick: (name) => `إخراج ${apart(name)}`,
    },
    leads: {
      mute: "يستمر في القراءة، ولا يكتب شيئًا هنا.",
      ban: "يُخرج من الغرفة ولا يستطيع العودة.",
      kick: "يُخرج من الغرفة. وإن كانت عامة فيمكنه العودة.",
    },
    go: { mute: "كتم", ban: "حظر", kick: "إخراج" },
    long: "لأي مدة",
    why: "السبب",
    whyHints: {
      mute: "يقرؤه المشرفون، ويُدوَّن في سجل التدقيق.",
      ban: "يقرؤه الشخص نفسه والمشرفون، ويُدوَّن في سجل التدقيق.",
      kick: "يقرؤه الشخص نفسه، ويُدوَّن في سجل التدقيق.",
    },
    cancel: "إلغاء",
    refused: (code) => `لم يتم: ${reason(code)}`,
  },

  person: {
    menu: (name) => `ما يمكن فعله مع ${apart(name)}`,
    direct: "مراسلة مباشرة",
    ignore: "تجاهل",
    attend: "إيقاف التجاهل",
    make: (role) => `تعيين الدور: ${apart(roles.of(role))}`,
    mute: "كتم…",
    kick: "إخراج من الغرفة…",
    ban: "حظر…",
    refused: (code) => `لم يتم: ${reason(code)}`,
    ownerAsk: (name) => `منح ${apart(name)} ملكية الغرفة؟`,
    ownerLead: "يحق للمالكين كل شيء هنا، حتى فيما بينهم.",
  },

  direct: {
    open: "مراسلة مباشرة",
    title: "مراسلة مباشرة",
    lead: "الأشخاص أنفسهم يتشاركون دائمًا الغرفة نفسها.",
    find: "ابحث عن شخص",
    none: (text) => `لا أحد هنا باسم «${apart(text)}».`,
    write: "مراسلة",
    refused: (code) => `لم تُفتح: ${reason(code)}`,
    close: "إغلاق",
  },

  report: {
    deed: "إبلاغ",
    title: (n) => `الإبلاغ عن الرسالة ${numbers.format(n)}`,
    lead: "يرى مشرفو الغرفة والمديرون الرسالة وما تكتبه هنا. ولا يعلم كاتبها بذلك.",
    why: "ما المشكلة فيها",
    go: "إبلاغ",
    cancel: "إلغاء",
    done: "أُبلغ المشرفون.",
    missing: "اذكر المشكلة في بضع كلمات.",
    refused: (code) => `لم يُبلَّغ: ${reason(code)}`,
    none: "لا توجد بلاغات.",
    jump: "عرض",
    resolve: "تمت المعالجة",
    dismiss: "لا مشكلة",
    says: (who) => `يقول ${apart(who)}:`,
    wrote: (who) => `كتب ${apart(who)}:`,
    gone: "الرسالة محذوفة.",
    unread: (code) => `تعذّرت قراءة البلاغات: ${reason(code)}`,
    open: (n) => count(n, { one: "بلاغ واحد", two: "بلاغان", few: "# بلاغات", many: "# بلاغًا", other: "# بلاغ" }),
  },

  standing: {
    archived: "هذه الغرفة مؤرشفة. يمكن قراءتها، ولا يُكتب فيها شيء.",
    forbidden: "يمكنك القراءة هنا لا الكتابة.",
    muted: (until) => (until === null ? "أنت مكتوم هنا. يبقى ما تكتبه في الحقل." : `أنت مكتوم هنا حتى ${apart(until)}. يبقى ما تكتبه في الحقل.`),
    slow: (s) => `الوضع البطيء: يمكنك الإرسال مجددًا بعد ${count(s, seconds)}.`,
    draft: "ما كنت قد كتبته",
    unsent: "لم يُرسل",
    copy: "نسخ",
    copied: "نُسخ.",
  },

  ignored: {
    line: (name) => `رسالة من ${apart(name)}، وأنت تتجاهله`,
    show: "عرض",
    people: (names) => list.format(names),
  },
};
