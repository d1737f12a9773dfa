/** ما يقال عن الغرف: القائمة، ورأس الغرفة، وإنشاؤها وتغييرها ومغادرتها. */

import { apart, count, numbers } from "./numbers.js";
import { reason } from "./reasons.js";

/** @type {typeof import("../en/rooms.js").rooms} */
export const rooms = {
  roomsList: {
    create: "غرفة جديدة",
    browse: "تصفّح",
    unread: (n) => count(n, { one: "رسالة غير مقروءة", two: "رسالتان غير مقروءتين", few: "# رسائل غير مقروءة", many: "# رسالة غير مقروءة", other: "# رسالة غير مقروءة" }),
    mentioned: (n) => count(n, { one: "رسالة واحدة تذكرك", two: "رسالتان تذكرانك", few: "# رسائل تذكرك", many: "# رسالة تذكرك", other: "# رسالة تذكرك" }),
    search: "بحث",
    closed: (n) => count(n, { one: "غرفة واحدة مغلقة هنا", two: "غرفتان مغلقتان هنا", few: "# غرف مغلقة هنا", many: "# غرفة مغلقة هنا", other: "# غرفة مغلقة هنا" }),
    filter: "تصفية الغرف",
    noMatch: (/** @type {string} */ text) => `لا غرفة من غرفك تحتوي على «${apart(text)}».`,
    draft: "مسودة",
    favourite: "مفضلة",
    direct: "مراسلة مباشرة",
    account: "حسابك",
    office: "الإدارة",
    archived: "مؤرشفة",
    quiet: "بلا إشعارات",
    kinds: { public: "غرفة عامة", private: "غرفة خاصة", direct: "رسائل مباشرة" },
    none: "لا توجد غرف بعد.",
    noneHint: "انضم إلى إحدى هذه الغرف، أو ابدأ غرفتك.",
    loading: "جارٍ تحميل غرفك",
  },

  head: {
    back: "العودة إلى الغرف",
    backToLog: "العودة إلى الرسائل",
    // The button shows the number, so its name has to have it: also for one and two.
    people: (n) => `الموجودون هنا: ${numbers.format(n)}`,
    menu: "قائمة الغرفة",
    favour: "إبقاء في الأعلى",
    unfavour: "عدم الإبقاء في الأعلى",
    edit: "الاسم والموضوع",
    pinned: "الرسائل المثبّتة",
    goTo: "انتقل إلى رسالة أو يوم",
    search: "ابحث في هذه الغرفة",
    notify: "الإشعارات",
    closeHere: "إغلاق هنا",
    closeHint: "تبقى عضوًا. تنتظرك الغرفة في آخر غرفك.",
    settings: "إعدادات الغرفة",
    invite: "دعوة أشخاص",
    programs: "البرامج",
    sanctions: "الحظر والكتم",
    reports: (n) => (n > 0 ? `البلاغات (${numbers.format(n)})` : "البلاغات"),
    leave: "مغادرة الغرفة",
    leaveHint: "تنتهي عضويتك.",
  },

  editRoom: {
    title: "الاسم والموضوع",
    name: "الاسم الظاهر",
    nameHint: (room) => `تحتفظ الروابط باسم الغرفة الأول، ${apart(room)}.`,
    topic: "الموضوع",
    save: "حفظ",
    cancel: "إلغاء",
    empty: "تحتاج الغرفة إلى اسم.",
    refused: (code) => `لم يُحفظ: ${reason(code)}`,
  },

  goTo: {
    title: "انتقل إلى",
    number: "رقم رسالة",
    day: "أو يوم",
    go: "انتقل",
    cancel: "إلغاء",
    empty: "اكتب رقم رسالة، مثل 120، أو اختر يومًا.",
    none: "لم يُقل شيء هنا بعد.",
    refused: (code) => `لم يُعثر عليها: ${reason(code)}`,
  },

  notifyRoom: {
    title: (room) => `إشعارات ${apart(room)}`,
    of: "أشعرني بـ",
    choices: [
      ["all", "كل الرسائل", "كل رسالة يكتبها الآخرون هنا."],
      ["mentions", "الإشارات إليّ", "الرسائل التي تذكرك فقط."],
      ["none", "لا شيء", "تبقى الغرفة في قائمتك، صامتة."],
    ],
    short: { all: "كل الرسائل", mentions: "الإشارات إليّ", none: "لا شيء" },
    hint: "يسري هذا على كل أجهزتك.",
    close: "إغلاق",
    refused: (code) => `لم يُحفظ: ${reason(code)}`,
  },

  leaving: {
    title: (room) => `مغادرة ${apart(room)}`,
    public: "لن تقرأ أو تكتب هنا بعد الآن. الغرفة عامة: يمكنك الانضمام مجددًا.",
    private: "لن تقرأ أو تكتب هنا بعد الآن. الغرفة خاصة: لتعود إليها لا بد أن يدعوك أحد.",
    waiting: (n) =>
      count(n, {
        one: "لن تُرسل الرسالة التي تنتظر هنا.",
        two: "لن تُرسل الرسالتان اللتان تنتظران هنا.",
        few: "لن تُرسل # رسائل تنتظر هنا.",
        many: "لن تُرسل # رسالة تنتظر هنا.",
        other: "لن تُرسل # رسالة تنتظر هنا.",
      }),
    heir: (name) => `أنت مالكها الوحيد. ستنتقل الملكية إلى ${apart(name)}.`,
    someHeir: "أنت مالكها الوحيد. ستنتقل الملكية إلى أقدم المشرفين، وإلا فإلى أقدم الأعضاء.",
    noHeir: "أنت عضوها الوحيد. لن يبقى فيها أحد.",
    go: "مغادرة الغرفة",
    cancel: "البقاء",
    refused: (code) => `ما زلت عضوًا: ${reason(code)}`,
  },

  gone: (room, why, text, until) => {
    const here = apart(room);
    const how = new Map([
      ["quit", `غادرت ${here}.`],
      ["kicked", `أُخرجت من ${here}.`],
      ["removed", `أُخرجت من ${here}.`],
      ["banned", until === null ? `حُظرت من ${here}.` : `حُظرت من ${here} حتى ${apart(until)}.`],
      ["deleted", `حُذفت ${here}.`],
    ]);
    const said = how.get(why) ?? `لم تعد في ${here}.`;
    return text === "" ? said : `${said} «${apart(text)}»`;
  },

  newRoom: {
    title: "غرفة جديدة",
    name: "الاسم",
    nameHint: "من 1 إلى 64 حرفًا. يبقى الاسم إلى الأبد.",
    topic: "الموضوع",
    optional: "اختياري",
    private: "خاصة: لا يجدها إلا من يُدعى إليها",
    create: "إنشاء",
    cancel: "إلغاء",
    empty: "تحتاج الغرفة إلى اسم.",
    refused: (code) => `لم تُنشأ: ${reason(code)}`,
  },

  browse: {
    title: "الغرف العامة",
    join: "انضمام",
    open: "فتح",
    members: (n) => count(n, { one: "عضو واحد", two: "عضوان", few: "# أعضاء", many: "# عضوًا", other: "# عضو" }),
    none: "لا توجد غرف عامة بعد.",
    loading: "جارٍ تحميل الغرف",
    refused: (code) => `تعذّرت قراءة الغرف: ${reason(code)}`,
    close: "إغلاق",
    find: "ابحث عن غرفة",
    noMatch: (text) => `لا توجد غرفة عامة تحتوي على «${apart(text)}».`,
  },
};
