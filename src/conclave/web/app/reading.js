/** What can be done with the log that is open, from elsewhere on the page. */

export class Reading {
  constructor() {
    /** Go to the newest message, and give it the focus. */
    this.toNewest = () => {};
    /** Follow to what one has just sent, wherever one was reading; the focus stays in the field. */
    this.toSent = () => {};
  }

  /** No log is open any more. */
  close() {
    this.toNewest = () => {};
    this.toSent = () => {};
  }
}
