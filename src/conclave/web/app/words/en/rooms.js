/** What is said of rooms: the list, a room's head, making, changing and leaving one. */

/** @import { Notify } from "../../../client/infos.js" */

import { count, numbers } from "./numbers.js";
import { reason } from "./reasons.js";

export const rooms = {
  roomsList: {
    create: "New room",
    browse: "Browse",
    unread: (/** @type {number} */ n) => count(n, "# unread message", "# unread messages"),
    mentioned: (/** @type {number} */ n) =>
      count(n, "# message mentions you", "# messages mention you"),
    search: "Search",
    closed: (/** @type {number} */ n) => count(n, "# room closed here", "# rooms closed here"),
    filter: "Filter rooms",
    noMatch: (/** @type {string} */ text) => `None of your rooms contains “${text}”.`,
    draft: "Draft",
    favourite: "Favourite",
    direct: "Write directly",
    account: "Your account",
    office: "Office",
    archived: "archived",
    quiet: "no notifications",
    kinds: { public: "Public room", private: "Private room", direct: "Direct messages" },
    none: "No rooms yet.",
    noneHint: "Join one of these, or begin your own.",
    loading: "Reading your rooms",
  },

  head: {
    back: "Back to the rooms",
    backToLog: "Back to the messages",
    people: (/** @type {number} */ n) => count(n, "# person here", "# people here"),
    menu: "Room menu",
    favour: "Keep on top",
    unfavour: "Keep on top no longer",
    edit: "Name and topic",
    pinned: "Pinned messages",
    goTo: "Go to a message or day",
    search: "Search in this room",
    notify: "Notifications",
    closeHere: "Close here",
    closeHint: "You stay a member. It waits at the end of your rooms.",
    settings: "Room settings",
    invite: "Invite people",
    programs: "Programs",
    sanctions: "Bans and mutes",
    reports: (/** @type {number} */ n) => (n > 0 ? `Reports (${numbers.format(n)})` : "Reports"),
    leave: "Leave room",
    leaveHint: "Ends your membership.",
  },

  editRoom: {
    title: "Name and topic",
    name: "Shown name",
    nameHint: (/** @type {string} */ room) => `Links keep the room’s first name, ${room}.`,
    topic: "Topic",
    save: "Save",
    cancel: "Cancel",
    empty: "A room needs a name.",
    refused: (/** @type {string} */ code) => `Not stored: ${reason(code)}`,
  },

  goTo: {
    title: "Go to",
    number: "Number of a message",
    day: "Or a day",
    go: "Go",
    cancel: "Cancel",
    empty: "Give a message’s number, such as 120, or a day.",
    none: "Nothing was said here yet.",
    refused: (/** @type {string} */ code) => `Not found: ${reason(code)}`,
  },

  notifyRoom: {
    title: (/** @type {string} */ room) => `Notifications of ${room}`,
    of: "Notify me of",
    choices: /** @type {[Notify, string, string][]} */ ([
      ["all", "All messages", "Each message that others write here."],
      ["mentions", "Mentions", "Only messages that name you."],
      ["none", "Nothing", "The room stays on your list, and is quiet."],
    ]),
    short: { all: "All messages", mentions: "Mentions", none: "Nothing" },
    hint: "This holds on all your devices.",
    close: "Close",
    refused: (/** @type {string} */ code) => `Not stored: ${reason(code)}`,
  },

  leaving: {
    title: (/** @type {string} */ room) => `Leave ${room}`,
    public: "You will no longer read or write here. It is public: you can join again.",
    private: "You will no longer read or write here. It is private: to come back, somebody has to invite you.",
    waiting: (/** @type {number} */ n) =>
      count(n, "# message that waits here is not sent any more.", "# messages that wait here are not sent any more."),
    heir: (/** @type {string} */ name) => `You are its only owner. ${name} becomes owner.`,
    someHeir: "You are its only owner. Whoever moderates it the longest, else the longest-standing member, becomes owner.",
    noHeir: "You are its only member. Nobody will be in it.",
    go: "Leave room",
    cancel: "Stay",
    refused: (/** @type {string} */ code) => `You are still a member: ${reason(code)}`,
  },

  gone: (/** @type {string} */ room, /** @type {string} */ why, /** @type {string} */ text, /** @type {string | null} */ until) => {
    const how = new Map([
      ["quit", `You left ${room}.`],
      ["kicked", `You were removed from ${room}.`],
      ["removed", `You were removed from ${room}.`],
      ["banned", until === null ? `You were banned from ${room}.` : `You were banned from ${room} until ${until}.`],
      ["deleted", `${room} was deleted.`],
    ]);
    const said = how.get(why) ?? `You are no longer in ${room}.`;
    return text === "" ? said : `${said} «${text}»`;
  },

  newRoom: {
    title: "New room",
    name: "Name",
    nameHint: "1 to 64 characters. The name stays for ever.",
    topic: "Topic",
    optional: "optional",
    private: "Private: only people who are invited find it",
    create: "Create",
    cancel: "Cancel",
    empty: "A room needs a name.",
    refused: (/** @type {string} */ code) => `Not created: ${reason(code)}`,
  },

  browse: {
    title: "Public rooms",
    join: "Join",
    open: "Open",
    members: (/** @type {number} */ n) => count(n, "# member", "# members"),
    none: "There are no public rooms yet.",
    loading: "Reading the rooms",
    refused: (/** @type {string} */ code) => `The rooms could not be read: ${reason(code)}`,
    close: "Close",
    find: "Find a room",
    noMatch: (/** @type {string} */ text) => `No public room contains “${text}”.`,
  },
};
