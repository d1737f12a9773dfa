/**
 * What of a tab is seen beside the page, such as its title: put once a second at most while one
 * looks at the page, for browsers take long over it. What was wanted last is put in the end.
 */

const EVERY_MS = 1_000;

/** @template T */
export class Seldom {
  /** @param {Window} window @param {(value: T) => void} put @param {T} shown   what is there at first */
  constructor(window, put, shown) {
    this.window = window;
    this.put = put;
    this.shown = shown;
    this.wanted = shown;
    this.waits = false;
  }

  /** @param {T} value */
  show(value) {
    this.wanted = value;
    if (this.waits || value === this.shown) return;
    this.shown = value;
    this.put(value);
    this.waits = this.window.document.visibilityState === "visible";
    if (!this.waits) return;
    this.window.setTimeout(() => {
      this.waits = false;
      this.show(this.wanted);
    }, EVERY_MS);
  }
}
