/** The state of the connection as the latch and the door say it: a shape and a sentence. */

import { shortTime } from "../times.js";
import { words } from "../words.js";
import { endOf } from "./door/ended.js";

/** @import { Page } from "../page.js" */
/** @import { Gone } from "../../client/client.js" */
/**
 * @typedef {object} Link
 * @property {"connected" | "connecting" | "waiting" | "offline" | "ended"} shape
 * @property {string} text
 * @property {boolean} quiet   shown only when it lasts
 * @property {"now" | "signIn" | "dismiss" | null} action
 * @property {string} door     the same at the sign-in card, where silence is the rule
 * @property {string} spoken   what a screen reader hears: without the seconds that run
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
    return { shape: "offline", text, quiet: false, action: null, door: text, spoken: text };
  }
  switch (state.name) {
    case "ready":
      return client.gone === null ? connected() : removed(page, client.gone);
    case "authenticating":
      return { shape: "connecting", text: latch.checking, quiet: connection.attempt === 0, action: null, door: latch.checking, spoken: "" };
    case "connecting": {
      const quiet = connection.attempt === 0;
      const text = quiet ? latch.connecting : awayText(page, 0);
      return { shape: quiet ? "connecting" : "waiting", text, quiet, action: null, door: text, spoken: "" };
    }
    case "offline":
    case "waiting": {
      const seconds = Math.ceil(Math.max(0, state.until - now) / 1000);
      const restarting = state.name === "waiting" && state.why === "restarting";
      const text = restarting ? latch.restarting(seconds) : awayText(page, seconds);
      return { shape: "waiting", text, quiet: false, action: "now", door: text, spoken: awayText(page, 0) };
    }
    case "stopped":
      return ended(endOf(page));
    default:
      return ended(latch.signedOut);
  }
}

/** @returns {Link} */
const connected = () => ({ shape: "connected", text: words.latch.connected, quiet: false, action: null, door: "", spoken: words.latch.connected });

/** @param {string} text @returns {Link} */
const ended = (text) => ({ shape: "ended", text, quiet: false, action: "signIn", door: "", spoken: text });

/** One is in, and out of a room: until it is dismissed. It is spoken where it stands in full. @param {Page} page @param {Gone} gone @returns {Link} */
function removed(page, { title, reason, until }) {
  const text = words.gone(title, reason, "", until === null ? null : shortTime(until, page.serverNow));
  return { ...connected(), shape: "ended", text, action: "dismiss" };
}

/** Why one is not connected, and when it is tried again. @param {Page} page @param {number} seconds   0: just now */
function awayText({ client, knocking }, seconds) {
  const { latch } = words;
  const { found, stopped } = knocking;
  const { held, unopened } = client.connection;
  if (stopped && (found === null || found.why === "away")) return latch.stopped(seconds);
  // What was there is lost, whyever; the details say it.
  if (found === null || found.why === "away") {
    if (held || unopened === 0) return latch.lost(seconds);
    return found === null ? latch.connecting : latch.away(seconds);
  }
  switch (found.why) {
    case "stopping":
      return latch.restarting(seconds);
    case "full":
      return latch.full(found.places, seconds);
    default:
      return latch[found.why](seconds);
  }
}
