/** Random numbers that can be had again: a failing schedule prints its seed. */

/** mulberry32: small, quick, good enough to shuffle schedules. @param {number} seed */
export function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A seed for this run: SEED=… has one again. */
export const firstSeed = Number(process.env.SEED ?? Date.now() % 1_000_000);
