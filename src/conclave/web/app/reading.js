/** What can be done with the log that is open, from elsewhere on the page. */

export class Reading {
  constructor() {
    /** Go to the newest message, and give it the focus. */
    this.toNewest = () => {};
  }

  /** No log is open any more. */
  close() {
    this.toNewest = () => {};
  }
}
