/** Wie Rollen und Anwesenheit heißen. Rollen sind Wörter, die für alle gelten: «Leitung», nicht «Leiter». */

/** @type {Map<string, string>} */
const ROLES = new Map(
  Object.entries({
    owner: "Leitung",
    moderator: "Moderation",
    member: "Mitglied",
    admin: "Admin",
    user: "Mitglied",
    guest: "Gast",
    bot: "Bot",
  }),
);

/** @type {Map<string, string>} */
const STATUSES = new Map(
  Object.entries({ online: "da", away: "abwesend", dnd: "möchte nicht gestört werden", invisible: "unsichtbar" }),
);

/** @type {typeof import("../en/roles.js").roles} */
export const roles = { of: (role) => ROLES.get(role) ?? role };

/** @type {typeof import("../en/roles.js").statusOf} */
export const statusOf = (status) => STATUSES.get(status) ?? "da";
