/** Whom one ignores, each with a way back. */

import { html } from "../../html.js";
import { words } from "../../words.js";
import { Avatar } from "../Avatar.js";

/** @import { Page } from "../../page.js" */

/** @param {{page: Page}} given */
export function IgnoredPeople({ page }) {
  const says = words.account;
  const people = [...page.ignored.people.values()];
  if (people.length === 0) return html`<p class="meta">${says.noIgnored}</p>`;
  /** @param {{id: string, name: string}} person */
  const attend = async (person) => {
    const code = await page.ignored.set(person, false);
    if (code !== "") page.say(words.person.refused(code));
  };
  return html`<ul class="rows">
    ${people.map(
      (person) =>
        html`<li key=${person.id} class="row">
          <div class="found-person"><${Avatar} id=${person.id} name=${person.name} /><bdi class="row-name">${person.name}</bdi></div>
          <button class="button" type="button" aria-label=${`${says.attend}: ${person.name}`} onClick=${() => attend(person)}>${says.attend}</button>
        </li>`,
    )}
  </ul>`;
}
