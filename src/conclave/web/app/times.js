/** Moments as people read them, in their own zone and the page's language. */

import { LOCALE, words } from "./words.js";

const clock = new Intl.DateTimeFormat(LOCALE, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(LOCALE, { weekday: "long", day: "numeric", month: "long" });
const dayAndYear = new Intl.DateTimeFormat(LOCALE, { dateStyle: "full" });
const full = new Intl.DateTimeFormat(LOCALE, { dateStyle: "full", timeStyle: "medium" });

/** A wire's number may lie outside of what dates can be. @param {number} ms */
const dateOf = (ms) => new Date(Math.abs(ms) <= 8.64e15 ? ms : 0);

/** @param {number} ms */
export const clockTime = (ms) => clock.format(dateOf(ms));

/** @param {number} ms */
export const fullTime = (ms) => full.format(dateOf(ms));

/** @param {number} ms */
export const isoTime = (ms) => dateOf(ms).toISOString();

/** The same for all moments of one day here. @param {number} ms */
export function dayKey(ms) {
  const date = dateOf(ms);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

/** The same, asked for many moments in their order: most are of the day of the one before. */
export class Days {
  constructor() {
    this.key = "";
    this.from = Infinity;
    this.to = -Infinity;
  }

  /** @param {number} ms */
  keyOf(ms) {
    if (ms >= this.from && ms < this.to) return this.key;
    const date = dateOf(ms);
    this.key = dayKey(ms);
    this.from = new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
    this.to = new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1).getTime();
    return this.key;
  }
}

/** @param {number} ms @param {number} now */
export function dayName(ms, now) {
  const key = dayKey(ms);
  if (key === dayKey(now)) return words.log_.today;
  const before = new Date(now);
  before.setDate(before.getDate() - 1);
  if (key === dayKey(before.getTime())) return words.log_.yesterday;
  const sameYear = dateOf(ms).getFullYear() === new Date(now).getFullYear();
  return (sameYear ? day : dayAndYear).format(dateOf(ms));
}

const short = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });
const date = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium" });

/** A moment for a list: the time alone where it is today. @param {number} ms @param {number} now */
export const shortTime = (ms, now) => (dayKey(ms) === dayKey(now) ? clock.format(dateOf(ms)) : short.format(dateOf(ms)));

/** @param {number} ms */
export const dateOnly = (ms) => date.format(dateOf(ms));
