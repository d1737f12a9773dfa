/**
 * What one wants of this browser, on all its tabs: whether notifications are shown there,
 * and with a sound, and when one is taken for away. What rooms notify one of is the server's to keep, for all devices.
 */

/** @import { Keeping } from "./keeping.js" */

const USUAL_MINUTES = 5;
const MOST_MINUTES = 24 * 60;

export class Wishes {
  /** @param {Keeping} keeping @param {() => string} user   "" where nobody is in */
  constructor(keeping, user) {
    this.keeping = keeping;
    this.user = user;
  }

  /** Whether notifications are shown, where the browser lets one. */
  get shown() {
    return this.#of("shown") === true;
  }

  set shown(shown) {
    this.#set("shown", shown || null);
  }

  /** Whether there is a sound. */
  get sound() {
    return this.#of("sound") === true;
  }

  set sound(sound) {
    this.#set("sound", sound || null);
  }

  /** Whether this browser is pushed to while the page is closed. */
  get pushed() {
    return this.#of("pushed") === true;
  }

  set pushed(pushed) {
    this.#set("pushed", pushed || null);
  }

  /** Whether what was written is in what is pushed. */
  get pushText() {
    return this.#of("pushText") === true;
  }

  set pushText(text) {
    this.#set("pushText", text || null);
  }

  /** Minutes without a sign after which one is away; 0: never. @returns {number} */
  get awayAfter() {
    const minutes = this.#of("away");
    return typeof minutes === "number" && minutes >= 0 && minutes <= MOST_MINUTES ? minutes : USUAL_MINUTES;
  }

  set awayAfter(minutes) {
    this.#set("away", minutes === USUAL_MINUTES ? null : minutes);
  }

  /** @param {string} name */
  #of(name) {
    return this.user() === "" ? undefined : this.keeping.wishesOf(this.user()).get(name);
  }

  /** @param {string} name @param {unknown} value   null: as it is by default */
  #set(name, value) {
    if (this.user() === "") return;
    const wishes = this.keeping.wishesOf(this.user());
    if (value === null) wishes.delete(name);
    else wishes.set(name, value);
    this.keeping.wish(this.user(), wishes);
  }
}
