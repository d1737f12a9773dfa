/** Which rows of a log are drawn: what is near the view, and what must not go. No DOM. */

/** @import { Heights } from "./heights.js" */
/**
 * @typedef {{from: number, to: number}} Range   rows from *from* up to, not including, *to*
 * @typedef {{top: number, height: number}} Seen   which part of the rows is in sight
 */

/** So few are all drawn: there is nothing to gain, and a browser's own search finds them. */
export const FEW_ROWS = 200;
/** This many screens are drawn above and below what is in sight. */
const AHEAD = 2;
/** What is drawn already may stay up to here. */
const KEPT = 3;
/** What comes into sight must be there; the rest comes some rows at a time. */
const NEEDED = 0.75;
const STEP_ROWS = 3;

/**
 * What to draw next, on the way from what is drawn to what should be.
 *
 * @param {Heights} heights @param {Seen} seen @param {Range | null} was
 * @returns {{range: Range, more: boolean}}   more: draw again soon, there is more to come
 */
export function nextRange(heights, seen, was) {
  const { count } = heights;
  if (count <= FEW_ROWS) return { range: { from: 0, to: count }, more: false };
  const wanted = within(heights, seen, AHEAD);
  const needed = within(heights, seen, NEEDED);
  if (was === null || was.to <= needed.from || was.from >= needed.to) return { range: needed, more: true };
  const kept = within(heights, seen, KEPT);
  const from = step(was.from, wanted.from, kept.from, needed.from, -1);
  const to = step(was.to, wanted.to, kept.to, needed.to, 1);
  const range = { from: Math.max(0, from), to: Math.min(count, to) };
  return { range, more: range.from > wanted.from || range.to < wanted.to };
}

/** The rows in sight and *screens* around. @param {Heights} heights @param {Seen} seen @param {number} screens @returns {Range} */
export function within(heights, { top, height }, screens) {
  const from = heights.at(top - screens * height);
  return { from, to: Math.min(heights.count, heights.at(top + (1 + screens) * height) + 1) };
}

/**
 * One end of what is drawn, on its way outwards or back.
 *
 * @param {number} was @param {number} wanted @param {number} kept @param {number} needed @param {1 | -1} out
 */
function step(was, wanted, kept, needed, out) {
  const outer = (/** @type {number} */ a, /** @type {number} */ b) => (out * (a - b) > 0 ? a : b);
  const inner = (/** @type {number} */ a, /** @type {number} */ b) => (out * (a - b) > 0 ? b : a);
  if (out * (was - wanted) >= 0) return inner(was, kept);
  return outer(needed, inner(wanted, was + out * STEP_ROWS));
}

/**
 * *range* and the rows in *alone*, each once, in their order; and what is left out before each.
 *
 * @param {Range} range @param {number[]} alone @param {number} count
 * @returns {Range[]}
 */
export function rangesOf(range, alone, count) {
  const single = alone.filter((at) => at >= 0 && at < count && (at < range.from || at >= range.to));
  const ranges = [range, ...[...new Set(single)].map((at) => ({ from: at, to: at + 1 }))];
  return ranges.filter(({ from, to }) => from < to).sort((a, b) => a.from - b.from);
}
