/** One row of the log, drawn again only when what it shows has changed. */

import { Component } from "../../vendor/preact.js";
import { html } from "../html.js";
import { clockTime, dayName, isoTime } from "../times.js";
import { words } from "../words.js";
import { Folded } from "./Folded.js";
import { Message } from "./Message.js";
import { Pending } from "./Pending.js";

/** @import { Page } from "../page.js" */
/** @import { Row } from "../timeline.js" */

/** @extends {Component<{row: Row, page: Page}>} */
export class RowOf extends Component {
  /** @override @param {{row: Row}} next */
  shouldComponentUpdate({ row }) {
    const was = this.props.row;
    if (row.kind === "message" && was.kind === "message") {
      return row.entry !== was.entry || row.first !== was.first || row.own !== was.own;
    }
    if (row.kind === "pending" && was.kind === "pending") {
      return row.item !== was.item || row.first !== was.first;
    }
    if (row.kind === "folded" && was.kind === "folded") return row.moves.length !== was.moves.length;
    return true;
  }

  /** @override */
  render() {
    const { row, page } = this.props;
    switch (row.kind) {
      case "message":
        return html`<${Message} row=${row} />`;
      case "pending":
        return html`<${Pending} page=${page} row=${row} />`;
      case "folded":
        return html`<${Folded} moves=${row.moves} />`;
      case "day":
        return html`<h2 class="day serif"><time dateTime=${isoTime(row.timestamp).slice(0, 10)}>${dayName(row.timestamp, Date.now())}</time></h2>`;
      default:
        return html`<p class="new-rule"><span>${words.log_.newSince} <time dateTime=${isoTime(row.timestamp)}>${clockTime(row.timestamp)}</time></span></p>`;
    }
  }
}
