/** The state of the connection as the latch and the door say it: a shape and a sentence. */

import { words } from "../words.js";
import { endOf } from "./door/ended.js";

/** @import { Page } from "../page.js" */
/**
 * @typedef {object} Link
 * @property {"connected" | "connecting" | "waiting" | "offline" | "ended"} shape
 * @property {string} text
 * @property {boolean} quiet   shown only when it lasts
 * @property {"now" | "signIn" | null} action
 * @property {string} door     the same at the sign-in card, where silence is the rule
 */

/**
 * @param {Page} page @param {number} now
 * @returns {Link}
 */
export function linkOf(page, now) {
  const { client } = page;
  const { state, connection } = client;
  const { latch } = words;
  const away = state.name === "connecting" || state.name === "waiting" || state.name === "offline";
  if (away && !connection.online) {
    const text = latch.offline(client.outbox.waiting);
    return { shape: "offline", text, quiet: false, action: null, door: text };
  }
  switch (state.name) {
    case "ready":
      return { shape: "connected", text: latch.connected, quiet: false, action: null, door: "" };
    case "authenticating":
      return { shape: "connecting", text: latch.checking, quiet: false, action: null, door: latch.checking };
    case "connecting": {
      const text = connection.attempt > 0 ? latch.lost(0) : latch.connecting;
      const quiet = connection.attempt === 0;
      return { shape: quiet ? "connecting" : "waiting", text, quiet, action: null, door: text };
    }
    case "offline":
    case "waiting": {
      const seconds = Math.ceil(Math.max(0, state.until - now) / 1000);
      const text = state.name === "waiting" && state.why === "restarting" ? latch.restarting(seconds) : latch.lost(seconds);
      return { shape: "waiting", text, quiet: false, action: "now", door: text };
    }
    case "stopped": {
      const text = endOf(page);
      return { shape: "ended", text, quiet: false, action: "signIn", door: "" };
    }
    default:
      return { shape: "ended", text: latch.signedOut, quiet: false, action: "signIn", door: "" };
  }
}
