/** What the server says of itself: how it is, how much there is, its limits. */

import { html } from "../../html.js";
import { words } from "../../words.js";
import { useFound } from "../asking.js";
import { Wrong } from "../Wrong.js";
import { Graphs } from "./Graphs.js";

/** @import { Page } from "../../page.js" */
/** @import { Fact } from "../../api/office.js" */

/** Names of things, and no amounts. */
const NAMES = new Set(["version", "database", "schema", "pid"]);

/** @param {{page: Page}} given */
export function ServerFacts({ page }) {
  const says = words.office;
  const { found, refused } = useFound(() => page.office.server(), [page]);
  if (refused !== null) return html`<${Wrong} text=${says.unread(refused)} />`;
  if (found === null) return null;
  return html`${found.problems.length === 0 ? html`<p class="meta">${says.well}</p>` : found.problems.map((problem) => html`<${Wrong} key=${problem} text=${problem} />`)}
    <${Graphs} page=${page} />
    <dl class="facts server-facts">
      ${found.facts.map((fact) => html`<div key=${fact.name}><dt>${says.facts.get(fact.name) ?? fact.name}</dt><dd><bdi>${valueOf(fact)}</bdi></dd></div>`)}
    </dl>
    ${found.limits.length > 0 &&
    html`<h2>${says.limits}</h2>
      <dl class="facts server-facts">
        ${found.limits.map((fact) => html`<div key=${fact.name}><dt><code>${fact.name}</code></dt><dd><bdi>${valueOf(fact)}</bdi></dd></div>`)}
      </dl>`}`;
}

/** @param {Fact} fact */
function valueOf({ name, value }) {
  const number = Number(value);
  if (NAMES.has(name)) return value;
  if (name.endsWith("_bytes")) return words.office.bytes(number);
  if (name === "uptime_s") return words.office.seconds(number);
  return value !== "" && Number.isFinite(number) ? words.number(number) : value;
}
