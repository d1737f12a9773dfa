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

/** @param {string | null} code */
const reason = (code) => REASONS.get(code ?? "internal") ?? "the server refused it.";

export const words = {
  product: "Conclave",
  skip: "Skip to the message field",
  rooms: "Rooms",
  people: "People",
  log: (/** @type {string} */ room) => `Messages in ${room}`,
  title: (/** @type {number} */ unread, /** @type {string | null} */ room) =>
    `${unread > 0 ? `(${numbers.format(unread)}) ` : ""}${room ? `${room} · ` : ""}Conclave`,
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
  },

  roomsList: {
    create: "New room",
    browse: "Browse",
    unread: (/** @type {number} */ n) => count(n, "# unread message", "# unread messages"),
    mentioned: "mentioned",
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
    leave: "Leave",
    copyLink: "Copy link",
    close: "Close",
  },

  log_: {
    older: "Reading older messages",
    beginning: "The room begins here.",
    newSince: "New since",
    newBelow: (/** @type {number} */ n) => `${numbers.format(n)} new`,
    jump: "Go to the newest message",
    today: "Today",
    yesterday: "Yesterday",
    you: "you",
    numberOf: (/** @type {number} */ n) => `Message ${numbers.format(n)}, link`,
    deleted: "Message deleted",
    edited: "(edited)",
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
    notSent: (/** @type {string | null} */ code) => `Not sent: ${reason(code)}`,
    again: "Try again",
    delete: "Delete",
  },

  folded: {
    cameIn: (/** @type {string[]} */ names) => `${people(names)} came in`,
    left: (/** @type {string[]} */ names) => `${people(names)} left`,
    passed: (/** @type {string[]} */ names) => `${people(names)} came in and left`,
    joined: (/** @type {string[]} */ names) => `${people(names)} joined the room`,
    show: "Show each",
    hide: "Fold",
  },

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
    none: "Nobody is here now.",
    close: "Close",
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
