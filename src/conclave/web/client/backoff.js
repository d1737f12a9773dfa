/**
 * How long to wait before coming back: full jitter, so that a thousand clients that lost
 * the same server do not return in the same second.
 */

/** The most the first wait may be, and the most any wait may be, in milliseconds. */
export const FIRST_WAIT_MS = 500;
export const LONGEST_WAIT_MS = 30_000;

/** No advice of a server makes anybody wait longer. */
export const LONGEST_ADVICE_MS = 600_000;

/**
 * Milliseconds to wait before attempt number *attempt* (0 is the first).
 *
 * @param {number} attempt
 * @param {() => number} random   from 0 up to 1
 */
export function waitBefore(attempt, random) {
  // Beyond 2^16 the cap holds anyway; the bound keeps the power finite.
  const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt, 16));
  return Math.round(random() * most);
}

/**
 * The same, but never less than what the server advised: its advice is for all alike, so
 * it cannot stand in for the jitter.
 *
 * @param {number} attempt
 * @param {number} adviceMs   0 when there is none
 * @param {() => number} random
 */
export function waitAtLeast(attempt, adviceMs, random) {
  return Math.max(Math.min(adviceMs, LONGEST_ADVICE_MS), waitBefore(attempt, random));
}
