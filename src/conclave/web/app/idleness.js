/**
 * Whether somebody is at this tab: the server is told when nobody was for some minutes, and at
 * once when somebody is again. It makes one thing of all tabs and devices of a person.
 */

/** @import { Page } from "./page.js" */

/** What counts as being there. */
const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "focus"];

const AGAIN_MS = 3_000;

export class Idleness {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    this.touchedAt = page.now;
    this.idle = false;
    /** What the server was told on this connection. */
    this.told = false;
    this.ready = false;
    /** Whose wishes hold. */
    this.of = "";
    /** @type {number | undefined} */
    this.timer = undefined;
    /** Whether signs are listened for. */
    this.watching = false;
  }

  /** Listen for signs of life. @param {Window} window */
  watch(window) {
    this.watching = true;
    for (const sign of SIGNS) window.addEventListener(sign, () => this.touched(), { passive: true, capture: true });
    window.document.addEventListener("visibilitychange", () => window.document.visibilityState === "visible" && this.touched());
    this.#wait();
  }

  touched() {
    this.touchedAt = this.page.now;
    if (this.idle) this.#is(false);
  }

  /** After how long without a sign one is away; Infinity: never. */
  get afterMs() {
    const minutes = this.page.notices.wishes.awayAfter;
    return minutes === 0 ? Infinity : minutes * 60_000;
  }

  /** Called after each change: a new connection knows of nobody being away. */
  follow() {
    const { ready } = this.page.client.connection;
    if (this.of !== this.page.of) {
      this.of = this.page.of;
      this.#wait();
    }
    if (ready && !this.ready) this.told = false;
    this.ready = ready;
    if (ready && this.told !== this.idle) this.#tell();
  }

  /** The time after which one is away is another. */
  changed() {
    this.#look();
  }

  #wait() {
    if (!this.watching) return;
    this.page.window.clearTimeout(this.timer);
    const left = this.touchedAt + this.afterMs - this.page.now;
    // Looked at now and then: a timer that long would be late after a sleep.
    if (Number.isFinite(left)) this.timer = this.page.window.setTimeout(() => this.#look(), Math.min(Math.max(left, 250), 30_000));
  }

  #look() {
    const idle = this.watching && this.page.now - this.touchedAt >= this.afterMs;
    if (idle !== this.idle) this.#is(idle);
    this.#wait();
  }

  /** @param {boolean} idle */
  #is(idle) {
    this.idle = idle;
    if (!idle) this.#wait();
    this.follow();
  }

  /** What was refused for now is said again, unless it has been said since. @param {boolean} idle */
  #again(idle) {
    if (this.told === idle) this.told = !idle;
    this.follow();
  }

  #tell() {
    const idle = (this.told = this.idle);
    this.page.driver.act((client) =>
      client.ask("presence:idle", { idle }, (refusal) => {
        if (refusal !== null) this.page.window.setTimeout(() => this.#again(idle), AGAIN_MS);
      }),
    );
  }
}
