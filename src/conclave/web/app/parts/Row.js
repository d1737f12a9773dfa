/** One row of the log, drawn again only when what it shows has changed. */

import { Component } from "../../vendor/preact.js";
import { html } from "../html.js";
import { lazy } from "../lazy.js";
import { clockTime, dayName, isoTime } from "../times.js";
import { words } from "../words.js";
import { Folded } from "./Folded.js";
import { Message } from "./Message.js";
import { Noted } from "./Noted.js";
import { Pending } from "./Pending.js";

/** @import { Page } from "../page.js" */
/** @import { Dressed } from "../dressing.js" */

const Ignored = lazy(async () => (await import("./Ignored.js")).Ignored);

/** @extends {Component<{row: Dressed, page: Page, inThread?: boolean}>} */
export class RowOf extends Component {
  /** @override @param {{row: Dressed}} next */
  shouldComponentUpdate({ row }) {
    // What waits says differently when the connection goes; days have their names from the clock.
    return row !== this.props.row || row.kind === "pending" || row.kind === "day";
  }

  /** @override */
  render() {
    const { row, page, inThread = false } = this.props;
    switch (row.kind) {
      case "message":
        if (row.ignored) return html`<${Ignored} page=${page} entry=${row.entry} inThread=${inThread} />`;
        return html`<${Message} page=${page} row=${row} inThread=${inThread} />`;
      case "pending":
        return html`<${Pending} page=${page} row=${row} />`;
      case "folded":
        return html`<${Folded} moves=${row.moves} />`;
      case "noted":
        return html`<${Noted} entry=${row.entry} />`;
      case "day":
        return html`<h2 class="day serif"><time dateTime=${isoTime(row.timestamp).slice(0, 10)}>${dayName(row.timestamp, Date.now())}</time></h2>`;
      default:
        return html`<p class="new-rule"><span>${words.log_.newSince} <time dateTime=${isoTime(row.timestamp)}>${clockTime(row.timestamp)}</time></span></p>`;
    }
  }
}
