/** What can be done with the log that is open, from elsewhere on the page. */

/** @import { View } from "./parts/view.js" */

export class Reading {
  constructor() {
    /** @type {View | null} */
    this.view = null;
  }

  /** *view* is open; call what is returned when it is no longer. @param {View} view */
  open(view) {
    this.view = view;
    return () => {
      if (this.view === view) this.view = null;
    };
  }

  /** Give the newest message the focus. */
  toNewest() {
    this.view?.goToLast();
  }
}
