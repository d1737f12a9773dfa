/** What people and their presence are called. */

/** What a role is called in a sentence. @type {Map<string, string>} */
const ROLES = new Map(
  Object.entries({
    owner: "owner",
    moderator: "moderator",
    member: "member",
    admin: "admin",
    user: "member",
    guest: "guest",
    bot: "bot",
  }),
);

/** What a person's presence is called. @type {Map<string, string>} */
const STATUSES = new Map(
  Object.entries({ online: "here", away: "away", dnd: "not to be disturbed", invisible: "invisible" }),
);

export const roles = { of: (/** @type {string} */ role) => ROLES.get(role) ?? role };

/** @param {string} status */
export const statusOf = (status) => STATUSES.get(status) ?? "here";
