/** كل جملة تقولها الصفحة بالعربية. والأشكال كما في الإنجليزية. */

import { account } from "./account.js";
import { door } from "./door.js";
import { fetching } from "./fetching.js";
import { governing } from "./governing.js";
import { keys } from "./keys.js";
import { log } from "./log.js";
import { notices } from "./notices.js";
import { looks } from "./looks.js";
import { apart, count, numbers } from "./numbers.js";
import { office } from "./office.js";
import { panels } from "./panels.js";
import { REASONS, reason } from "./reasons.js";
import { roles } from "./roles.js";
import { rooms } from "./rooms.js";

/** @type {typeof import("../en/index.js").words} */
export const words = {
  ...account,
  ...door,
  ...fetching,
  ...rooms,
  ...log,
  ...looks,
  ...office,
  ...panels,
  ...governing,
  ...keys,
  ...notices,
  roles,
  product: "Conclave",
  skip: "انتقل إلى حقل الرسالة",
  rooms: "الغرف",
  people: "الأشخاص",
  log: (room) => `الرسائل في ${apart(room)}`,
  title: (unread, mentions, room) => {
    const counts = [mentions > 0 && `@${numbers.format(mentions)}`, unread > 0 && numbers.format(unread)];
    const counted = counts.filter((part) => part !== false).join(" · ");
    return `${counted === "" ? "" : `(${counted}) `}${room ? `${room} · ` : ""}Conclave`;
  },
  number: (n) => numbers.format(n),

  said: (code, message) => (REASONS.has(code) ? `رفض الخادم شيئًا: ${reason(code)}` : message),
  dismiss: "إخفاء",

  once: {
    hint: "يظهر هذه المرة فقط. احفظه في مكان آمن.",
    copy: "نسخ",
    copied: "نُسخ.",
    notCopied: "لا يسمح هذا المتصفح للصفحة بالنسخ. حدّد النص وانسخه.",
  },

  announced: {
    message: (user, text) => `${apart(user)}: ${apart(text)}`,
    several: (n) => count(n, { one: "رسالة جديدة", two: "رسالتان جديدتان", few: "# رسائل جديدة", many: "# رسالة جديدة", other: "# رسالة جديدة" }),
  },
};

export { REASONS };
