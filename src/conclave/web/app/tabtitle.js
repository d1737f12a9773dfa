/** The title of the tab, with what is unread: while one looks at the page changed once a second at most, for browsers take long over it. */

const EVERY_MS = 1_000;

export class TabTitle {
  /** @param {Window} window */
  constructor(window) {
    this.window = window;
    this.wanted = "";
    this.waits = false;
  }

  /** @param {string} title */
  show(title) {
    this.wanted = title;
    if (this.waits || this.window.document.title === title) return;
    this.window.document.title = title;
    this.waits = this.window.document.visibilityState === "visible";
    if (!this.waits) return;
    this.window.setTimeout(() => {
      this.waits = false;
      this.show(this.wanted);
    }, EVERY_MS);
  }
}
