/** أسماء الأدوار والحضور. */

/** @type {Map<string, string>} */
const ROLES = new Map(
  Object.entries({
    owner: "مالك",
    moderator: "مشرف",
    member: "عضو",
    admin: "مدير",
    user: "عضو",
    guest: "ضيف",
    bot: "بوت",
  }),
);

/** @type {Map<string, string>} */
const STATUSES = new Map(Object.entries({ online: "هنا", away: "بعيد", dnd: "عدم الإزعاج", invisible: "مخفي" }));

/** @type {typeof import("../en/roles.js").roles} */
export const roles = { of: (role) => ROLES.get(role) ?? role };

/** @type {typeof import("../en/roles.js").statusOf} */
export const statusOf = (status) => STATUSES.get(status) ?? "هنا";
