/** What is said at the door and by the latch: coming in, and how the connection is. */

import { count, numbers } from "./numbers.js";
import { reason } from "./reasons.js";

/** @import { Refusal } from "../../../client/requests.js" */

/** What is said at the door in other words than elsewhere. @type {Map<string, string>} */
const REFUSED = new Map(
  Object.entries({
    auth_failed: "This name and this password do not belong together.",
    name_taken: "Somebody has this name already. Choose another.",
    bad_request: "This cannot be a name here, or the password is too short.",
    forbidden: "This server does not let people in this way.",
    not_found: "This link is not good any more.",
    connection_lost: "The server does not answer. Try again in a moment.",
  }),
);

/** When the next attempt is. @param {number} s   0: it is under way */
const again = (s) => (s > 0 ? `Trying again in ${numbers.format(s)} s` : "Trying again");

export const door = {
  signIn: {
    title: "Come in",
    lead: "Rooms that lock with a key.",
    demo: "This is a demo: choose who to be. A second tab can be somebody else.",
    enterAs: (/** @type {string} */ name) => `Enter as ${name}`,
    or: "or with a token",
    orPassword: "or with a name and a password",
    token: "Token",
    hint: "It stays in this tab and is forgotten when you sign out.",
    show: "Show",
    hide: "Hide",
    go: "Sign in",
    empty: "Enter a token first.",
    refused: "This token is not known here. Check that all of it was copied.",
    expired: "You were signed out: your session has ended.",
    revoked: "You were signed out on another device, or by an admin.",
    banned: "This account is closed: an admin deactivated it.",
    identity: "You were signed out: somebody else signed in here.",
    closed: "The server ended this session.",
  },

  door: {
    name: "Name",
    password: "Password",
    go: "Sign in",
    passkey: "Use a passkey",
    token: "I have a token",
    noToken: "Use a password",
    guest: "Enter as a guest",
    back: "Back",
    missing: "Enter your name and your password.",
    noPasskeys: "This browser has no passkeys here. They need https, or the server’s own machine.",
    passkeyStopped: "No passkey was used. Try again, or come in another way.",
    wrongPasskey: "This passkey is not known here.",
    wrongCode: "This code is not good. Codes change every 30 seconds, and each is good once.",
    refused: (/** @type {Refusal} */ { code, message, retryAfterMs }) => {
      if (code === "rate_limited" && retryAfterMs !== null) {
        return `Too many attempts. Try again in ${count(Math.max(1, Math.ceil(retryAfterMs / 1000)), "# second", "# seconds")}.`;
      }
      // What is wrong with a name or a password the server says itself.
      if (code === "bad_request" && message !== "") return message.endsWith(".") ? message : `${message}.`;
      return REFUSED.get(code) ?? `Not signed in: ${reason(code)}`;
    },
    second: {
      title: "One more step",
      lead: { totp: "Enter the code that your app shows.", recovery: "Enter one of your recovery codes. Each is good once.", passkey: "Your account has a passkey. Use it now." },
      code: "Code",
      recoveryCode: "Recovery code",
      other: { totp: "Use a code from an app", recovery: "Use a recovery code", passkey: "Use a passkey" },
      go: "Go on",
    },
    account: {
      setup: "This is a new Conclave. Create the first account.",
      setupHint: "It is an admin’s: it may invite people and look after rooms.",
      invite: "You are invited. Make your account.",
      inviteRoom: (/** @type {string} */ room) => `You are invited to ${room}. Make your account.`,
      name: "Name",
      nameHint: "2 to 32 small letters, digits, dots, dashes or underscores. It stays.",
      shown: "Shown name",
      password: "Password",
      passwordHint: "At least 10 characters. A few words are good.",
      go: "Create account",
      missing: "A name and a password are needed.",
      notGood: "This link is not good any more: it was used, taken back, or is too old. Whoever gave it to you can make another.",
      reading: "Looking at the link",
      dismiss: "Sign in instead",
    },
    reset: {
      title: "A new password",
      lead: (/** @type {string} */ name) => `For the account ${name}. All its devices are signed out.`,
      password: "New password",
      go: "Set password",
      missing: "Enter a new password.",
    },
    asGuest: { title: "Enter as a guest", name: "Shown name", lead: "Guests read and write in public rooms. It ends after a day, or when you sign out.", go: "Enter", missing: "Enter a name." },
  },

  latch: {
    label: "Connection",
    connected: "Connected",
    connecting: "Connecting…",
    checking: "Checking who you are…",
    lost: (/** @type {number} */ s) => `Connection lost. ${again(s)}`,
    away: (/** @type {number} */ s) => `The server does not answer. ${again(s)}`,
    stopped: (/** @type {number} */ s) => `The server stopped. ${again(s)}`,
    refused: (/** @type {number} */ s) => `Connection refused. ${again(s)}`,
    full: (/** @type {number} */ places, /** @type {number} */ s) => `${places > 0 ? count(places, "The # place is taken", "All # places are taken") : "All places are taken"}. ${again(s)}`,
    crowded: (/** @type {number} */ s) => `All places of your network are taken. ${again(s)}`,
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
    endedAt: "Ended at",
    code: "Code",
    why: (/** @type {number} */ n) =>
      new Map([
        [1000, "It was closed here."],
        [1001, "The server stopped or restarted."],
        [1006, "It broke, or nothing came any more."],
        [1008, "Who you are was not shown in time, or not believed."],
        [1009, "A message was larger than the server takes."],
        [1011, "Something failed on the server."],
        [1012, "The server restarted."],
        [1013, "The server is full or busy."],
        [4002, "The token or session had ended."],
        [4003, "Your connection was too slow for all that was said."],
        [4005, "Too much was sent in a short time."],
        [4006, "The server lost what it knew of this connection."],
        [4007, "You are connected in too many places; this was the oldest."],
        [4501, "You were signed out on another device, or by an admin."],
        [4502, "This account was closed by an admin."],
        [4503, "Somebody else signed in here."],
        [4504, "This page is of another version than the server: load it anew."],
      ]).get(n) ?? "The server ended it.",
    whyNot: {
      away: "The server does not answer. It is down, or something is in the way: a firewall, or a certificate that does not fit.",
      refused: "The server answers, and lets no connection through: it does not know the address of this page, or a proxy on the way takes no WebSockets.",
      full: "As many people are connected as may be. You come in as soon as somebody goes.",
      crowded: "As many people of your network are connected as may be. You come in as soon as one goes.",
      stopping: "The server stopped or restarted.",
    },
    waiting: "Waiting here",
    messages: (/** @type {number} */ n) => count(n, "# message", "# messages"),
    kept: "What waits is kept",
    keptWhere: { disk: "on this device", memory: "in this tab only", opening: "looking for room" },
    blocked:
      "This browser lets the page keep nothing. What waits here is lost if you close the tab.",
  },
};
