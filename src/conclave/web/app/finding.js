/** A search as it goes on: what was asked, what came, whether there is more. */

/** @import { Driver } from "../client/driver.js" */
/** @import { Hit } from "../client/answers.js" */

/** Typing pauses this long before a search is made without Enter. */
export const PAUSE_MS = 300;
const SHORTEST = 2;

export class Finding {
  /** @param {Driver} driver @param {() => void} onChange */
  constructor(driver, onChange) {
    this.driver = driver;
    this.onChange = onChange;
    /** What stands in the field. */
    this.text = "";
    this.#empty();
  }

  #empty() {
    /** What the hits are of. @type {string} */
    this.query = "";
    /** @type {Hit[]} */
    this.hits = [];
    /** @type {boolean} */
    this.more = false;
    /** Where the next page begins, in the server's words. @type {string | null} */
    this.cursor = null;
    /** @type {boolean} */
    this.reading = false;
    /** @type {string | null} */
    this.refusal = null;
  }

  /** Whether the hits are those of what stands in the field. */
  get answered() {
    return this.query !== "" && !this.reading && this.refusal === null;
  }

  forget() {
    this.text = "";
    this.#empty();
  }

  /** Ask for what stands in the field, unless that was asked last. @param {boolean} [now] whatever its length */
  ask(now = false) {
    const query = this.text.trim();
    if (query === "") this.#empty();
    else if (query !== this.query || this.refusal !== null) {
      if (!now && query.length < SHORTEST) return;
      this.#empty();
      this.query = query;
      this.#read();
    }
    this.onChange();
  }

  readMore() {
    if (this.more && !this.reading) this.#read();
  }

  #read() {
    const { query, cursor } = this;
    this.reading = true;
    this.driver.act((client) =>
      client.questions.search(cursor === null ? { query } : { query, cursor }, (refusal, { hits, more, cursor: next }) => {
        // Another search was begun meanwhile.
        if (this.query !== query || this.cursor !== cursor) return;
        this.reading = false;
        this.refusal = refusal?.code ?? null;
        this.hits = [...this.hits, ...hits];
        this.more = more;
        this.cursor = next;
        this.onChange();
      }),
    );
  }
}
