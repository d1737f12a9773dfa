/** What is measured again and again, as far back as a graph shows it: no more is kept. */

/** @typedef {{at: number, connections: number, messages: number, delayMs: number}} Sample   messages: a second */

/** At one every three seconds: the last six minutes. */
export const MOST_SAMPLES = 120;

export class Samples {
  constructor() {
    /** @type {Sample[]} */
    this.list = [];
    /** What the last rate is counted from. @type {{at: number, messages: number} | null} */
    this.last = null;
  }

  /** The server said how many messages it keeps: how many a second came since the last time? @param {number} at @param {{connections: number, messages: number}} told @param {number} delayMs */
  take(at, { connections, messages }, delayMs) {
    const { last } = this;
    this.last = { at, messages };
    // Retention and erasing take some away: then nothing is known of what came.
    const came = last === null || at <= last.at ? 0 : Math.max(0, messages - last.messages) / ((at - last.at) / 1000);
    this.list = [...this.list.slice(1 - MOST_SAMPLES), { at, connections, messages: came, delayMs }];
  }

  /** It was not measured for a while: the next rate begins anew. */
  pause() {
    this.last = null;
  }
}

/** The corners of a line through *values*, in a box of *width* by *height*; the newest at its end. @param {number[]} values @param {number} width @param {number} height */
export function corners(values, width, height) {
  const most = Math.max(1, ...values);
  const step = width / (MOST_SAMPLES - 1);
  const from = width - step * (values.length - 1);
  return values.map((value, n) => `${(from + n * step).toFixed(1)},${(height - (value / most) * height).toFixed(1)}`).join(" ");
}
