/**
 * Where a client's connection stands, and until when it may stand there. What leads from one
 * state to another is said by `connection.js`.
 */

/** @import { Why } from "./proof.js" */
/** @import { Pulse } from "./pulse.js" */
/**
 * @typedef {{name: "idle"}
 *   | {name: "connecting", since: number}
 *   | {name: "authenticating", since: number}
 *   | {name: "ready", since: number}
 *   | {name: "waiting", until: number, why: "lost" | "restarting"}
 *   | {name: "offline", until: number}
 *   | {name: "stopped", why: Why}} State
 */

/** A browser shows no progress of an upgrade: after this it is as good as refused. */
const OPEN_WITHIN_MS = 10_000;
/** Longer than any server's own deadline, which is 10 s by default. */
const AUTH_WITHIN_MS = 15_000;

/** When *state* has lasted too long, or is over; Infinity when nothing is due. @param {State} state @param {Pulse} pulse */
export function dueOf(state, pulse) {
  switch (state.name) {
    case "connecting":
      return state.since + OPEN_WITHIN_MS;
    case "authenticating":
      return state.since + AUTH_WITHIN_MS;
    case "ready":
      return pulse.due;
    case "waiting":
    case "offline":
      return state.until;
    default:
      return Infinity;
  }
}

/** Whether there is a socket. @param {State} state */
export const isOpen = ({ name }) => name === "connecting" || name === "authenticating" || name === "ready";
