/** Slash commands that there are: what each does, who answers it, and where. */

import { html } from "../../html.js";
import { programs as says } from "../../programwords.js";

/** @import { Offered } from "../../api/programs.js" */

/** @param {{commands: Offered[], where?: boolean}} given   where: in the office, with the room of each */
export function CommandList({ commands, where = false }) {
  return html`<${where ? "h2" : "h3"}>${says.commands}<//>
    ${commands.length === 0 && html`<p class="meta">${says.noCommands}</p>`}
    <ul class="rows">
      ${commands.map(
        ({ name, hint, about, by, room, here }) =>
          html`<li key=${`${name} ${room ?? ""} ${by}`} class="row">
            <div>
              <bdi class="row-name"><code>/${name}${hint !== "" && ` ${hint}`}</code>${!here && html`<span class="tag">${says.away}</span>`}</bdi>
              <p class="meta">${about !== "" && html`<span dir="auto">${about}</span> · `}<bdi>${by || says.server}</bdi>${where && html` · <bdi>${room ?? says.everywhere}</bdi>`}</p>
            </div>
          </li>`,
      )}
    </ul>`;
}
