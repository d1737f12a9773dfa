/** What is said of signing in by another system: fetched where one is. */

export const providers = {
  byProvider: (/** @type {string} */ name) => `Sign in with ${name}`,
  notByProvider: "Signing in there did not work. Try it once more, or come in another way.",
  linked: "Other sign-ins",
  linkedLead: "Who is signed in there as you comes into this account. Link only what is yours.",
  link: "Link",
  linkWith: (/** @type {string} */ name) => `Link with ${name}`,
  unlinkAsk: (/** @type {string} */ name) => `Let ${name} sign you in no more?`,
  lastWayIn: "There is no other way into your account. Add a password or a passkey first.",
};
