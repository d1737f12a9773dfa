/**
 * Which of a person's tabs in one browser shows what all of them hear: the one that holds a
 * Web Lock. When it is closed, however that happens, another one has it.
 */

export class Leading {
  /** @param {LockManager | undefined} locks   none where the page came without https: each tab leads */
  constructor(locks) {
    this.locks = locks;
    /** Whom this tab leads for. */
    this.of = "";
    this.leads = false;
    /** @type {AbortController | null} */
    this.waiting = null;
    this.release = () => {};
  }

  /** Be one of the tabs of *user*; "" is nobody. @param {string} user */
  follow(user) {
    if (user === this.of) return;
    this.waiting?.abort();
    this.release();
    this.of = user;
    this.leads = this.locks === undefined && user !== "";
    if (this.locks === undefined || user === "") return;
    const waiting = (this.waiting = new AbortController());
    this.locks.request(`conclave.notices ${user}`, { signal: waiting.signal }, () => this.#lead(user)).catch(() => {});
  }

  /** @param {string} user @returns {Promise<void>} */
  #lead(user) {
    if (user !== this.of) return Promise.resolve();
    this.leads = true;
    return new Promise((resolve) => {
      this.release = () => {
        this.leads = false;
        resolve();
      };
    });
  }
}
