/** Saying that one is typing: at most every few seconds while it goes on, and its end once. */

/** «I am typing» is said again this often while it goes on. */
const AGAIN_MS = 3_000;

export class Typing {
  /** @param {(room: string, active: boolean) => void} say */
  constructor(say) {
    this.say = say;
    /** Room → when it was said last. @type {Map<string, number>} */
    this.saidAt = new Map();
  }

  /** @param {string} room @param {boolean} active @param {number} now */
  set(room, active, now) {
    const saidAt = this.saidAt.get(room);
    if (!active && saidAt === undefined) return;
    if (active && saidAt !== undefined && now - saidAt < AGAIN_MS) return;
    if (active) this.saidAt.set(room, now);
    else this.saidAt.delete(room);
    this.say(room, active);
  }

  /** A message was written: that ends it without a word. @param {string} room */
  wrote(room) {
    this.saidAt.delete(room);
  }

  lose() {
    this.saidAt.clear();
  }
}
