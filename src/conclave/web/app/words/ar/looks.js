/** كيف تبدو الصفحة، وأي لغة تتكلم. */

/** @type {typeof import("../en/looks.js").looks} */
export const looks = {
  looks: {
    lead: "يُحفظ هذا في هذا المتصفح، ويسري على كل من يستخدمه.",
    language: "اللغة",
    languageHint: "تُحمَّل الصفحة من جديد. ويبقى ما تكتبه.",
    asBrowser: "لغة المتصفح",
    theme: "السمة",
    contrast: "التباين",
    size: "حجم النص",
    motion: "الحركة",
    themes: [
      ["", "حسب النظام"],
      ["light", "فاتحة"],
      ["dark", "داكنة"],
    ],
    contrasts: [
      ["", "حسب النظام"],
      ["more", "أكثر"],
    ],
    sizes: [
      ["", "عادي"],
      ["large", "كبير"],
      ["larger", "أكبر"],
      ["largest", "الأكبر"],
    ],
    motions: [
      ["", "حسب النظام"],
      ["less", "أقل"],
    ],
  },
};
