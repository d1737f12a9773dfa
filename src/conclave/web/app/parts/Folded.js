/** Comings and goings that follow each other, in one line that opens. */

import { html } from "../html.js";
import { summed } from "../timeline.js";
import { clockTime, isoTime } from "../times.js";
import { words } from "../words.js";

/** @import { Moved } from "../timeline.js" */

/** @param {{moves: Moved[]}} given */
export function Folded({ moves }) {
  const [first] = moves;
  if (moves.length === 1 && first !== undefined) {
    return html`<p class="folded" dir="auto">${oneOf(first)}</p>`;
  }
  return html`<details class="folded">
    <summary><span dir="auto">${sentence(moves)}</span></summary>
    <ul>
      ${moves.map(
        (moved) =>
          html`<li><time class="meta" dateTime=${isoTime(moved.timestamp)}>${clockTime(moved.timestamp)}</time> <span dir="auto">${oneOf(moved)}</span></li>`,
      )}
    </ul>
  </details>`;
}

/** @param {Moved} moved */
const oneOf = ({ move, name }) => words.folded[move]([name]);

/** @param {Moved[]} moves */
function sentence(moves) {
  const { joined, cameIn, passed, left } = summed(moves);
  const parts = [
    joined.length > 0 && words.folded.joined(joined),
    cameIn.length > 0 && words.folded.cameIn(cameIn),
    passed.length > 0 && words.folded.passed(passed),
    left.length > 0 && words.folded.left(left),
  ];
  return parts.filter((part) => part !== false).join(" · ");
}
