/**
 * How the page looks to the person at this browser, and which language it speaks. Kept for the
 * browser, not for the account: at the door nobody is known yet. Only early.js draws it.
 */

/** @import { Shelf } from "./keeping.js" */
/** @typedef {"language" | "theme" | "contrast" | "size" | "motion"} Look */

/** What early.js reads. */
const KEPT = "conclave.looks";

/** What languages call themselves. @type {[string, string][]} */
export const LANGUAGE_NAMES = [
  ["en", "English"],
  ["de", "Deutsch"],
  ["ar", "العربية"],
];

export class Looks {
  /** @param {Shelf} shelf   of the browser @param {Window} window */
  constructor(shelf, window) {
    this.shelf = shelf;
    this.window = window;
  }

  /** What was chosen, "" if nothing was: then it is as the system has it. @param {Look} look */
  of(look) {
    const value = this.#kept()[look];
    return typeof value === "string" ? value : "";
  }

  /** Another language is there once the page is loaded anew. @param {Look} look @param {string} value */
  choose(look, value) {
    const { [look]: _, ...others } = this.#kept();
    const wanted = value === "" ? others : { ...others, [look]: value };
    try {
      this.shelf.setItem(KEPT, JSON.stringify(wanted));
    } catch {
      // Full or forbidden: the page stays as it is.
      return;
    }
    if (look === "language") this.window.location.reload();
    else this.window.dispatchEvent(new Event("looks"));
  }

  /** @returns {Record<string, unknown>} */
  #kept() {
    try {
      const found = JSON.parse(this.shelf.getItem(KEPT) ?? "{}");
      return typeof found === "object" && found !== null ? found : {};
    } catch {
      return {};
    }
  }
}
