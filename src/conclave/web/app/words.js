/**
 * Every sentence the page says, in English: the one file to translate.
 *
 * Sentence case; what happened, what is safe, what one can do. No blame, no codes up front.
 */

const LANGUAGE = "en";

const plurals = new Intl.PluralRules(LANGUAGE);
const numbers = new Intl.NumberFormat(LANGUAGE);
const list = new Intl.ListFormat(LANGUAGE, { style: "long", type: "conjunction" });

/** @param {number} n @param {string} one @param {string} other with «#» for the number */
const count = (n, one, other) =>
  (plurals.select(n) === "one" ? one : other).replace("#", numbers.format(n));

/** Why something was refused, by the protocol's code. @type {Map<string, string>} */
const REASONS = new Map(
  Object.entries({
    auth_required: "sign in first.",
    auth_failed: "this token is not known here.",
    bad_request: "the server could not read it.",
    unknown_type: "this server does not know how.",
    not_in_room: "you are not in this room now.",
    too_many_rooms: "you are in as many rooms as one may be at once.",
    no_such_room: "there is no such room, or it is not open to you.",
    no_such_message: "this message is not there.",
    no_such_user: "there is nobody of this name.",
    room_exists: "a room of this name is there already.",
    room_full: "the room is full.",
    forbidden: "you may not do this here.",
    muted: "you are muted in this room.",
    banned: "you are banned from this room.",
    archived: "the room is archived.",
    too_long: "the text is too long.",
    id_reused: "it was confused with another message.",
    rate_limited: "too much was sent in a short time.",
    busy: "the server is busy.",
    unavailable: "the server cannot store anything at the moment.",
    internal: "something failed on the server.",
    connection_lost: "the connection broke before the answer came.",
    no_answer: "the server did not answer in time. It may be stored; trying again will not double it.",
  }),
);

/** What a role is called in a sentence. @type {Map<string, string>} */
const ROLES = new Map(
  Object.entries({ owner: "owner", moderator: "moderator", member: "member", admin: "admin", user: "member" }),
);

/** What a person's presence is called. @type {Map<string, string>} */
const STATUSES = new Map(
  Object.entries({ online: "here", away: "away", dnd: "not to be disturbed" }),
);

/** @param {string | null} code */
const reason = (code) => REASONS.get(code ?? "internal") ?? "the server refused it.";

export const words = {
  product: "Conclave",
  skip: "Skip to the message field",
  rooms: "Rooms",
  people: "People",
  log: (/** @type {string} */ room) => `Messages in ${room}`,
  title: (/** @type {number} */ unread, /** @type {number} */ mentions, /** @type {string | null} */ room) => {
    const counts = [mentions > 0 && `@${numbers.format(mentions)}`, unread > 0 && numbers.format(unread)];
    const counted = counts.filter((part) => part !== false).join(" · ");
    return `${counted === "" ? "" : `(${counted}) `}${room ? `${room} · ` : ""}Conclave`;
  },
  number: (/** @type {number} */ n) => numbers.format(n),

  signIn: {
    title: "Come in",
    lead: "A room that locks with a key. Yours is a token.",
    demo: "This is a demo: choose who to be. A second tab can be somebody else.",
    enterAs: (/** @type {string} */ name) => `Enter as ${name}`,
    or: "or with a token",
    token: "Token",
    hint: "It stays in this tab and is forgotten when you sign out.",
    show: "Show",
    hide: "Hide",
    go: "Sign in",
    empty: "Enter a token first.",
    refused: "This token is not known here. Check that all of it was copied.",
    expired: "You were signed out: your token has expired.",
    closed: "The server ended this session.",
  },

  latch: {
    label: "Connection",
    connected: "Connected",
    connecting: "Connecting…",
    checking: "Checking your token…",
    lost: (/** @type {number} */ s) =>
      s > 0 ? `Connection lost. Trying again in ${numbers.format(s)} s` : "Connection lost. Trying again",
    now: "Now",
    offline: (/** @type {number} */ n) =>
      n > 0
        ? `You are offline. Keep writing: ${count(n, "# message waits here.", "# messages wait here.")}`
        : "You are offline. Keep writing.",
    restarting: (/** @type {number} */ s) =>
      `The server is restarting. Back in about ${numbers.format(Math.max(1, s))} s.`,
    signedOut: "Signed out",
    details: "Details",
    hideDetails: "Close",
    signOut: "Sign out",
    signedInAs: "Signed in as",
    link: "Link",
    roundTrip: "Last round trip",
    noRoundTrip: "not measured yet",
    ms: (/** @type {number} */ ms) => `${numbers.format(Math.max(1, Math.round(ms)))} ms`,
    lastEnd: "Last end",
    noEnd: "none",
    waiting: "Waiting here",
    messages: (/** @type {number} */ n) => count(n, "# message", "# messages"),
    kept: "What waits is kept",
    keptWhere: { disk: "on this device", memory: "in this tab only", opening: "looking for room" },
    blocked:
      "This browser lets the page keep nothing. What waits here is lost if you close the tab.",
  },

  roomsList: {
    create: "New room",
    browse: "Browse",
    unread: (/** @type {number} */ n) => count(n, "# unread message", "# unread messages"),
    mentioned: (/** @type {number} */ n) =>
      count(n, "# message mentions you", "# messages mention you"),
    search: "Search",
    closed: (/** @type {number} */ n) => count(n, "# room closed here", "# rooms closed here"),
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
    edit: "Name and topic",
    pinned: "Pinned messages",
    search: "Search in this room",
    closeHere: "Close here",
    closeHint: "You stay a member. It waits at the end of your rooms.",
    leave: "Leave room",
    leaveHint: "Ends your membership.",
  },

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
    edited: (/** @type {string} */ time) => `(edited ${time})`,
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

  message: {
    sending: "Sending",
    waits: "Kept on this device until you are connected",
    waitsHere: "Waits in this tab until you are connected",
    notSent: (/** @type {string | null} */ code) => `Not sent: ${reason(code)}`,
    notSaved: (/** @type {string | null} */ code) => `Your change was not stored: ${reason(code)}`,
    again: "Try again",
    discard: "Discard",
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
  },

  reactions: {
    title: "React",
    more: "Another emoji",
    use: "Use it",
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
    role: (/** @type {string} */ name, /** @type {string} */ role) => `${name} is now ${words.roles.of(role)}`,
    title: (/** @type {string} */ by, /** @type {string} */ title) => `${by} named the room “${title}”`,
    topic: (/** @type {string} */ by, /** @type {string} */ topic) =>
      topic === "" ? `${by} took the topic away` : `${by} set the topic: ${topic}`,
    archived: (/** @type {string} */ by) => `${by} archived the room`,
    reopened: (/** @type {string} */ by) => `${by} opened the room again`,
  },

  roles: { of: (/** @type {string} */ role) => ROLES.get(role) ?? role },

  typing: (/** @type {string[]} */ names) =>
    names.length > 3
      ? "Several people are writing"
      : `${list.format(names)} ${names.length === 1 ? "is" : "are"} writing`,

  composer: {
    label: (/** @type {string} */ room) => `Message to ${room}`,
    placeholder: (/** @type {string} */ room) => `Write to ${room}`,
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

  gone: (/** @type {string} */ room, /** @type {string} */ why) => {
    const how = new Map([
      ["quit", `You left ${room}.`],
      ["kicked", `You were removed from ${room}.`],
      ["removed", `You were removed from ${room}.`],
      ["banned", `You were banned from ${room}.`],
      ["deleted", `${room} was deleted.`],
      ["archived", `${room} was archived.`],
    ]);
    return how.get(why) ?? `You are no longer in ${room}.`;
  },

  panel: { close: (/** @type {string} */ title) => `Close ${title}` },

  thread: {
    title: "Thread",
    refused: (/** @type {string | null} */ code) => `The thread could not be read: ${reason(code)}`,
    label: "Messages of the thread",
  },

  pins: {
    title: "Pinned",
    unpin: (/** @type {number} */ n) => `Unpin message ${numbers.format(n)}`,
    none: "Nothing is pinned here.",
    noneHint: "A message’s menu has «Pin».",
    refused: (/** @type {string | null} */ code) => `What is pinned could not be read: ${reason(code)}`,
  },

  search: {
    title: "Search",
    field: "Search in your rooms",
    hint: "Words are found in any order, with and without accents.",
    operators: [
      ["“quiet ledger”", "these words side by side"],
      ["from:ana", "written by ana"],
      ["in:plans", "in one room"],
      ["-draft", "without this word"],
      ["after:2026-11-01", "from that day on"],
      ["before:2026-12-01", "earlier than that day"],
      ["has:link", "or reply, thread, reaction, pin"],
    ],
    found: (/** @type {number} */ n, /** @type {boolean} */ more) =>
      more ? `The first ${count(n, "# message", "# messages")}` : count(n, "# message", "# messages"),
    none: (/** @type {string} */ query) => `No message contains “${query}” in the rooms you can read.`,
    more: "Show more",
    reading: "Searching",
    refused: (/** @type {string} */ code) => `Not searched: ${reason(code)}`,
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

  aside: {
    count: (/** @type {number} */ n) => count(n, "# here now", "# here now"),
    you: "you",
    admin: "admin",
    more: (/** @type {number} */ n) => count(n, "and # other", "and # others"),
    away: "Members who are not here",
    moreMembers: "Show more",
    refused: (/** @type {string} */ code) => `The members could not be read: ${reason(code)}`,
    status: (/** @type {string} */ status) => STATUSES.get(status) ?? "here",
    notHere: "not here",
  },

  said: (/** @type {string} */ code, /** @type {string} */ message) =>
    REASONS.has(code) ? `The server refused something: ${reason(code)}` : message,
  dismiss: "Dismiss",

  announced: {
    message: (/** @type {string} */ user, /** @type {string} */ text) => `${user}: ${text}`,
    several: (/** @type {number} */ n) => count(n, "# new message", "# new messages"),
  },
};

/** «john, ana and 3 others». @param {string[]} names */
function people(names) {
  if (names.length <= 3) return list.format(names);
  const others = count(names.length - 2, "# other", "# others");
  return list.format([...names.slice(0, 2), others]);
}

export { REASONS, LANGUAGE };
