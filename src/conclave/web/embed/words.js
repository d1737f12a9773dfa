/** The few sentences of a room in somebody else's page, in each language of ours. */

/**
 * @typedef {object} Words
 * @property {string} lines
 * @property {string} write
 * @property {string} send
 * @property {string} coming
 * @property {string} lost
 * @property {string} shut     nobody is signed in at the page around, or their token is not good
 * @property {string} refused  one may not be in the room
 */

/** @type {Record<string, Words>} */
const LANGUAGES = {
  en: {
    lines: "Messages",
    write: "Write a message",
    send: "Send",
    coming: "Connecting…",
    lost: "The connection is lost. Trying again…",
    shut: "Sign in on this page to join the conversation.",
    refused: "You cannot read this room.",
  },
  de: {
    lines: "Nachrichten",
    write: "Nachricht schreiben",
    send: "Senden",
    coming: "Verbindung wird aufgebaut …",
    lost: "Die Verbindung ist unterbrochen. Neuer Versuch …",
    shut: "Melde dich auf dieser Seite an, um mitzureden.",
    refused: "Du kannst diesen Raum nicht lesen.",
  },
  ar: {
    lines: "الرسائل",
    write: "اكتب رسالة",
    send: "إرسال",
    coming: "جارٍ الاتصال…",
    lost: "انقطع الاتصال. تجري المحاولة مرة أخرى…",
    shut: "سجّل الدخول في هذه الصفحة للانضمام إلى المحادثة.",
    refused: "لا يمكنك قراءة هذه الغرفة.",
  },
};

const ENGLISH = /** @type {Words} */ (LANGUAGES.en);

/** The first of *tags* that we speak, else English; and its words. @param {readonly string[]} tags */
export function speak(tags) {
  const language = tags.map((tag) => tag.split("-")[0] ?? "").find((tag) => Object.hasOwn(LANGUAGES, tag)) ?? "en";
  return { language, dir: language === "ar" ? "rtl" : "ltr", words: LANGUAGES[language] ?? ENGLISH };
}
