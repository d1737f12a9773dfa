/** What is said in a room's log: messages, what one does with them, comings and goings. */

import { count, numbers, list, people } from "./numbers.js";
import { reason } from "./reasons.js";
import { roles } from "./roles.js";

export const log = {
  log_: {
    older: "Reading older messages",
    beginning: "The room begins here.",
    newSince: "New since",
    newBelow: (/** @type {number} */ n) => `${numbers.format(n)} new`,
    jump: "Go to the newest message",
    latest: "Latest",
    notThere: (/** @type {number} */ n) => `Message ${numbers.format(n)} is not there.`,
    today: "Today",
    yesterday: "Yesterday",
    you: "you",
    numberOf: (/** @type {number} */ n) => `Message ${numbers.format(n)}, link`,
    deleted: "Message deleted",
    edited: "(edited)",
    pinned: "Pinned",
    quoteAway: (/** @type {number} */ n) => `In reply to message ${numbers.format(n)}`,
    inThread: (/** @type {number} */ n) => `In the thread of message ${numbers.format(n)}`,
    replies: (/** @type {number} */ n) => count(n, "# reply in a thread", "# replies in a thread"),
    empty: "Nothing said here yet.",
    emptyFirst: "Nothing said here yet. The first message gets number 1.",
    alone: (/** @type {string} */ name) =>
      `You are the only one here. Open this page in a second tab and enter as ${name}.`,
    joining: "Coming in",
    refused: (/** @type {string | null} */ code) => `You could not come in: ${reason(code)}`,
    again: "Try again",
    outside: "You are not in this room.",
    choose: "Choose a room.",
  },

  text: { code: "Code", copy: "Copy code", less: "Show less", more: "Show more", table: "Table" },

  message: {
    sending: "Sending",
    waits: "Kept on this device until you are connected",
    waitsHere: "Waits in this tab until you are connected",
    notSent: (/** @type {string | null} */ code) => `Not sent: ${reason(code)}`,
    notSaved: (/** @type {string | null} */ code) => `Your change was not stored: ${reason(code)}`,
    again: "Try again",
    discard: "Discard",
    delete: "Delete",
  },

  actions: {
    of: (/** @type {number} */ n) => `Actions for message ${numbers.format(n)}`,
    more: "More actions",
    react: "React",
    reply: "Reply",
    thread: "Reply in thread",
    edit: "Edit",
    pin: "Pin",
    unpin: "Unpin",
    copy: "Copy link",
    delete: "Delete",
    report: "Report",
    person: "Who wrote it",
  },

  reactions: {
    title: "React",
    more: "Another emoji",
    chip: (/** @type {string} */ emoji, /** @type {number} */ n, /** @type {string[]} */ names) =>
      `${emoji} ${count(n, "# person", "# people")}${names.length > 0 ? `: ${list.format(names)}` : ""}`,
    you: "you",
    others: (/** @type {number} */ n) => count(n, "# other", "# others"),
    common: [
      ["👍", "thumbs up"],
      ["❤️", "heart"],
      ["😂", "laughing"],
      ["🎉", "party"],
      ["👀", "eyes"],
      ["🙏", "thanks"],
      ["✅", "done"],
      ["👎", "thumbs down"],
      ["😮", "surprised"],
      ["😢", "sad"],
      ["🤔", "thinking"],
      ["🔥", "fire"],
      ["🚀", "rocket"],
      ["💯", "hundred"],
      ["👋", "waving"],
      ["👏", "clapping"],
      ["☕", "coffee"],
      ["🌱", "seedling"],
    ],
  },

  emoji: {
    title: "Emoji",
    insert: "Insert an emoji",
    search: "Find an emoji by name",
    none: (/** @type {string} */ query) => `No emoji is called “${query}”.`,
    found: (/** @type {number} */ n) => count(n, "# emoji", "# emoji"),
    lacking: "The list of emoji could not be fetched.",
    again: "Try again",
    kinds: "Kinds of emoji",
    tone: "Skin tone",
    tones: ["yellow", "light", "medium light", "medium", "medium dark", "dark"],
    groups: {
      recent: "Often used",
      smileys: "Smileys and feelings",
      people: "People and gestures",
      animals: "Animals and nature",
      food: "Food and drink",
      travel: "Travel and places",
      activities: "Activities",
      objects: "Objects",
      symbols: "Symbols",
      flags: "Flags",
    },
    suggestions: "Emoji that fit",
  },

  remove: {
    title: (/** @type {number} */ n) => `Delete message ${numbers.format(n)}`,
    lead: "Its text is erased for everybody, for good. Its number stays.",
    go: "Delete",
    cancel: "Keep it",
  },

  link: {
    title: "Link to the message",
    copied: "The link is copied.",
    lead: "This browser does not let the page copy. Here is the link:",
    close: "Close",
  },

  folded: {
    cameIn: (/** @type {string[]} */ names) => `${people(names)} came in`,
    left: (/** @type {string[]} */ names) => `${people(names)} left`,
    passed: (/** @type {string[]} */ names) => `${people(names)} came in and left`,
    joined: (/** @type {string[]} */ names) => `${people(names)} joined the room`,
    quit: (/** @type {string[]} */ names) => `${people(names)} gave up membership`,
    removed: (/** @type {string[]} */ names) => `${people(names)} ${names.length === 1 ? "was" : "were"} removed`,
    show: "Show each",
    hide: "Fold",
  },

  noted: {
    role: (/** @type {string} */ name, /** @type {string} */ role) => `${name} is now ${roles.of(role)}`,
    title: (/** @type {string} */ by, /** @type {string} */ title) => `${by} named the room “${title}”`,
    topic: (/** @type {string} */ by, /** @type {string} */ topic) =>
      topic === "" ? `${by} took the topic away` : `${by} set the topic: ${topic}`,
    slow: (/** @type {string} */ by, /** @type {number} */ s) =>
      s === 0 ? `${by} ended slow mode` : `${by} set slow mode: ${count(s, "# second", "# seconds")} between two messages`,
    history: (/** @type {string} */ by, /** @type {string} */ history) =>
      history === "joined" ? `${by} closed the past: members read what was said since they joined` : `${by} opened the past to all members`,
    archived: (/** @type {string} */ by) => `${by} archived the room`,
    reopened: (/** @type {string} */ by) => `${by} opened the room again`,
  },

  typing: (/** @type {string[]} */ names) =>
    names.length > 3
      ? "Several people are writing"
      : `${list.format(names)} ${names.length === 1 ? "is" : "are"} writing`,

  composer: {
    label: (/** @type {string} */ room) => `Message to ${room}`,
    placeholder: (/** @type {string} */ room) => `Write to ${room}`,
    attach: "Attach files",
    send: "Send",
    left: (/** @type {number} */ n) =>
      n >= 0
        ? count(n, "# character left", "# characters left")
        : count(-n, "# character too many", "# characters too many"),
    full: "Not taken: 1,000 messages wait here already. Your text stays in the field.",
    thread: "Reply in the thread",
    replyTo: "Reply to",
    noReply: "Do not reply to it",
    editing: (/** @type {number} */ n) => `Editing message ${numbers.format(n)}`,
    noEdit: "Leave it as it is",
    save: "Save",
    people: "People to mention",
    formatting: {
      label: "Formatting",
      strong: "Strong",
      em: "Emphasis",
      code: "Code",
      hint: "**strong** · *emphasis* · `code` · > quote · - list",
    },
  },
};
