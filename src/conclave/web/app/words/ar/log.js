/** ما يقال في سجل الغرفة: الرسائل، وما يُفعل بها، والقدوم والمغادرة. */

import { apart, count, list, numbers, people, persons, seconds } from "./numbers.js";
import { reason } from "./reasons.js";
import { roles } from "./roles.js";

/** @type {typeof import("../en/log.js").log} */
export const log = {
  text: { code: "شيفرة", copy: "نسخ الشيفرة", less: "عرض أقل", more: "عرض المزيد", table: "جدول" },

  log_: {
    older: "جارٍ تحميل الرسائل الأقدم",
    beginning: "هنا تبدأ الغرفة.",
    newSince: "الجديد منذ",
    newBelow: (n) => `${numbers.format(n)} جديد`,
    jump: "انتقل إلى أحدث رسالة",
    latest: "الأحدث",
    notThere: (n) => `الرسالة ${numbers.format(n)} غير موجودة.`,
    today: "اليوم",
    yesterday: "أمس",
    you: "أنت",
    numberOf: (n) => `الرسالة ${numbers.format(n)}، رابط`,
    deleted: "رسالة محذوفة",
    edited: "(معدّلة)",
    pinned: "مثبّتة",
    quoteAway: (n) => `رد على الرسالة ${numbers.format(n)}`,
    inThread: (n) => `في نقاش الرسالة ${numbers.format(n)}`,
    replies: (n) => count(n, { one: "رد واحد في نقاش", two: "ردّان في نقاش", few: "# ردود في نقاش", many: "# ردًا في نقاش", other: "# رد في نقاش" }),
    empty: "لم يُقل شيء هنا بعد.",
    emptyFirst: "لم يُقل شيء هنا بعد. أول رسالة تحمل الرقم 1.",
    alone: (name) => `أنت وحدك هنا. افتح هذه الصفحة في علامة تبويب ثانية وادخل باسم ${apart(name)}.`,
    joining: "جارٍ الدخول",
    refused: (code) => `تعذّر دخولك: ${reason(code)}`,
    again: "حاول مجددًا",
    outside: "لست في هذه الغرفة.",
    choose: "اختر غرفة.",
  },

  message: {
    sending: "جارٍ الإرسال",
    waits: "محفوظة على هذا الجهاز حتى يعود الاتصال",
    waitsHere: "تنتظر في علامة التبويب هذه حتى يعود الاتصال",
    notSent: (code) => `لم تُرسل: ${reason(code)}`,
    notSaved: (code) => `لم يُحفظ تعديلك: ${reason(code)}`,
    again: "حاول مجددًا",
    discard: "تجاهل",
    delete: "حذف",
  },

  actions: {
    of: (n) => `إجراءات الرسالة ${numbers.format(n)}`,
    more: "إجراءات أخرى",
    react: "تفاعل",
    reply: "رد",
    thread: "رد في نقاش فرعي",
    edit: "تعديل",
    pin: "تثبيت",
    unpin: "إلغاء التثبيت",
    copy: "نسخ الرابط",
    delete: "حذف",
    report: "إبلاغ",
    person: "كاتب الرسالة",
  },

  reactions: {
    title: "تفاعل",
    more: "رمز تعبيري آخر",
    chip: (emoji, n, names) => `${emoji} ${count(n, persons)}${names.length > 0 ? `: ${list.format(names)}` : ""}`,
    you: "أنت",
    others: (n) => count(n, { one: "شخص آخر", two: "شخصان آخران", few: "# آخرون", many: "# آخرون", other: "# آخرون" }),
    common: [
      ["👍", "إعجاب"],
      ["❤️", "قلب"],
      ["😂", "ضحك"],
      ["🎉", "احتفال"],
      ["👀", "عينان"],
      ["🙏", "شكرًا"],
      ["✅", "تم"],
      ["👎", "عدم إعجاب"],
      ["😮", "دهشة"],
      ["😢", "حزن"],
      ["🤔", "تفكير"],
      ["🔥", "نار"],
      ["🚀", "صاروخ"],
      ["💯", "مئة"],
      ["👋", "تلويح"],
      ["👏", "تصفيق"],
      ["☕", "قهوة"],
      ["🌱", "شتلة"],
    ],
  },

  emoji: {
    title: "رموز تعبيرية",
    insert: "إدراج رمز تعبيري",
    search: "البحث عن رمز تعبيري بالاسم",
    none: (query) => `لا يوجد رمز تعبيري باسم «${apart(query)}».`,
    found: (n) => count(n, { one: "رمز واحد", two: "رمزان", few: "# رموز", many: "# رمزًا", other: "# رمز" }),
    lacking: "تعذّر تحميل قائمة الرموز التعبيرية.",
    again: "إعادة المحاولة",
    kinds: "أنواع الرموز التعبيرية",
    tone: "لون البشرة",
    tones: ["أصفر", "فاتح", "فاتح متوسط", "متوسط", "داكن متوسط", "داكن"],
    groups: {
      recent: "المستخدمة كثيرًا",
      smileys: "وجوه ومشاعر",
      people: "أشخاص وإيماءات",
      animals: "حيوانات وطبيعة",
      food: "طعام وشراب",
      travel: "سفر وأماكن",
      activities: "أنشطة",
      objects: "أشياء",
      symbols: "رموز",
      flags: "أعلام",
    },
    suggestions: "رموز تعبيرية مناسبة",
  },

  remove: {
    title: (n) => `حذف الرسالة ${numbers.format(n)}`,
    lead: "يُمحى نصها لدى الجميع نهائيًا. ويبقى رقمها.",
    go: "حذف",
    cancel: "الإبقاء عليها",
  },

  link: {
    title: "رابط الرسالة",
    copied: "نُسخ الرابط.",
    lead: "لا يسمح هذا المتصفح للصفحة بالنسخ. هذا هو الرابط:",
    close: "إغلاق",
  },

  folded: {
    cameIn: (names) => `دخل ${people(names)}`,
    left: (names) => `خرج ${people(names)}`,
    passed: (names) => `دخل ثم خرج ${people(names)}`,
    joined: (names) => `انضم إلى الغرفة ${people(names)}`,
    quit: (names) => `أنهى العضوية ${people(names)}`,
    removed: (names) => `أُخرج من الغرفة ${people(names)}`,
    show: "عرض الكل",
    hide: "طي",
  },

  noted: {
    role: (name, role) => `أصبح دور ${apart(name)}: ${apart(roles.of(role))}`,
    title: (by, title) => `سمّى ${apart(by)} الغرفة «${apart(title)}»`,
    topic: (by, topic) => (topic === "" ? `أزال ${apart(by)} الموضوع` : `وضع ${apart(by)} الموضوع: ${apart(topic)}`),
    slow: (by, s) => (s === 0 ? `أنهى ${apart(by)} الوضع البطيء` : `فعّل ${apart(by)} الوضع البطيء: ${count(s, seconds)} بين كل رسالتين`),
    history: (by, history) =>
      history === "joined" ? `حجب ${apart(by)} الماضي: يقرأ الأعضاء ما قيل منذ انضمامهم` : `أتاح ${apart(by)} الماضي لكل الأعضاء`,
    archived: (by) => `أرشف ${apart(by)} الغرفة`,
    reopened: (by) => `أعاد ${apart(by)} فتح الغرفة`,
  },

  typing: (names) => (names.length > 3 ? "عدة أشخاص يكتبون الآن" : `يكتب الآن: ${list.format(names)}`),

  composer: {
    label: (room) => `رسالة إلى ${apart(room)}`,
    placeholder: (room) => `اكتب إلى ${apart(room)}`,
    attach: "إرفاق ملفات",
    send: "إرسال",
    left: (n) =>
      n >= 0
        ? count(n, { one: "بقي حرف واحد", two: "بقي حرفان", few: "بقيت # أحرف", many: "بقي # حرفًا", other: "بقي # حرف" })
        : count(-n, { one: "حرف واحد زائد", two: "حرفان زائدان", few: "# أحرف زائدة", many: "# حرفًا زائدًا", other: "# حرف زائد" }),
    full: "لم تُقبل: تنتظر هنا 1,000 رسالة. يبقى نصك في الحقل.",
    thread: "رد في النقاش الفرعي",
    replyTo: "رد على",
    noReply: "لا ترد عليها",
    editing: (n) => `تعديل الرسالة ${numbers.format(n)}`,
    noEdit: "اتركها كما هي",
    save: "حفظ",
    people: "أشخاص يمكن ذكرهم",
    formatting: {
      label: "التنسيق",
      strong: "غامق",
      em: "مائل",
      code: "شيفرة",
      hint: "**غامق** · *مائل* · `شيفرة` · > اقتباس · - قائمة",
    },
  },
};
