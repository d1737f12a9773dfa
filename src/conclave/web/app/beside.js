/**
 * What stands beside the log: people, a thread, what is pinned, a search. Beside it where
 * there is room, over it elsewhere; the focus goes in and comes back.
 */

/** @import { Finding } from "./finding.js" */
/** @typedef {{name: "people" | "pins" | "search"} | {name: "thread", room: string, root: number}} Panel */

const WIDEST = "(min-width: 68.75rem)";

export class Beside {
  /** @param {{window: Window, finding: Finding, onChange: () => void}} given */
  constructor({ window, finding, onChange }) {
    this.window = window;
    this.wideness = window.matchMedia(WIDEST);
    this.finding = finding;
    this.onChange = onChange;
    /** @type {Panel | null} */
    this.panel = this.usual();
    /** What had the focus when the panel opened. @type {Element | null} */
    this.opener = null;
  }

  /** Whether there is room for people beside the log. */
  get widest() {
    return this.wideness.matches;
  }

  /** What stands beside the log when nothing was asked for. @returns {Panel | null} */
  usual() {
    return this.widest ? { name: "people" } : null;
  }

  /** @param {Panel} panel */
  open(panel) {
    if (this.panel === null || this.panel.name === "people") this.opener = this.window.document.activeElement;
    this.panel = panel;
    this.onChange();
  }

  /** Open the search, with *text* in its field if there is any. @param {string} [text] */
  search(text) {
    if (text !== undefined) this.finding.text = text;
    this.open({ name: "search" });
    const field = this.window.document.getElementById("search");
    if (!(field instanceof HTMLInputElement)) return;
    field.focus();
    if (text === undefined) field.select();
  }

  /** Back to what was there before, with the focus where it was. */
  close() {
    const usual = this.usual();
    this.panel = this.panel?.name === "people" ? null : usual;
    this.onChange();
    if (this.opener instanceof HTMLElement && this.opener.isConnected) this.opener.focus();
    this.opener = null;
  }

  /** @param {boolean} wide there is room for people beside the log now, or no more */
  resized(wide) {
    if (wide && this.panel === null) this.panel = { name: "people" };
    if (!wide && this.panel?.name === "people") this.panel = null;
    this.onChange();
  }

  /** Another room is open: what is of the last one goes. @param {boolean} alone   the panel was the whole screen */
  turned(alone) {
    const { panel } = this;
    const stays = panel?.name === "people" || panel?.name === "search";
    if (panel !== null && (alone || !stays)) this.panel = this.usual();
  }
}
