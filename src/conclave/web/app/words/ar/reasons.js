/** لماذا رُفض شيء ما، بالكلمات. */

/** @type {typeof import("../en/reasons.js").REASONS} */
export const REASONS = new Map(
  Object.entries({
    auth_required: "سجّل الدخول أولًا.",
    auth_failed: "هذا الرمز غير معروف هنا.",
    bad_request: "لم يستطع الخادم قراءة الطلب.",
    unknown_type: "هذا الخادم لا يعرف كيف يفعل ذلك.",
    not_in_room: "لست في هذه الغرفة الآن.",
    too_many_rooms: "أنت في أكبر عدد مسموح به من الغرف في وقت واحد.",
    no_such_room: "لا توجد غرفة كهذه، أو أنها غير متاحة لك.",
    no_such_message: "هذه الرسالة غير موجودة.",
    no_such_user: "لا أحد بهذا الاسم.",
    not_found: "غير موجود، أو لم يعد صالحًا.",
    no_such_command: "لا يوجد أمر كهذا هنا.",
    away: "البوت الذي يجيب عن هذا غائب.",
    unanswered: "لم يجب البوت في الوقت المحدد. ربما نفّذ ما طُلب.",
    conflict: "هذا لا يتفق مع الوضع الحالي.",
    name_taken: "هذا الاسم مأخوذ.",
    password_required: "أدخل كلمة مرورك مرة أخرى.",
    room_exists: "توجد غرفة بهذا الاسم.",
    room_full: "الغرفة ممتلئة.",
    forbidden: "لا يحق لك ذلك هنا.",
    muted: "أنت مكتوم في هذه الغرفة.",
    banned: "أنت محظور من هذه الغرفة.",
    archived: "الغرفة مؤرشفة.",
    too_long: "النص طويل جدًا.",
    too_large: "الملف كبير جدًا.",
    bad_file: "الملف تالف أو من نوع لا يُقبل هنا.",
    no_space: "لا مكان لمزيد من الملفات.",
    id_reused: "اختلط الأمر مع رسالة أخرى.",
    rate_limited: "أُرسل الكثير في وقت قصير.",
    busy: "الخادم مشغول.",
    unavailable: "لا يستطيع الخادم حفظ أي شيء في الوقت الحالي.",
    internal: "حدث خلل في الخادم.",
    connection_lost: "انقطع الاتصال قبل وصول الرد.",
    no_answer: "لم يرد الخادم في الوقت المناسب. قد تكون الرسالة محفوظة، ولن تتكرر إن حاولت مجددًا.",
  }),
);

/** @type {typeof import("../en/reasons.js").reason} */
export const reason = (code) => REASONS.get(code ?? "internal") ?? "رفض الخادم ذلك.";
