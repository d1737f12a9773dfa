/** Finding somebody in the directory by the beginning of a name, each with one button. */

import { useEffect, useState } from "../../../vendor/preact-hooks.js";
import { asks } from "../../asks.js";
import { html } from "../../html.js";
import { words } from "../../words.js";
import { Avatar } from "../Avatar.js";
import { Field } from "../Field.js";

/** @import { Page } from "../../page.js" */
/** @import { FoundPerson } from "../../../client/answers.js" */

/** So long nothing was typed when it is asked for. */
const AFTER_MS = 150;
const MOST_SHOWN = 8;

/** @param {{page: Page, id: string, verb: string, onChoose: (person: FoundPerson) => void, focus?: boolean}} given */
export function FindPeople({ page, id, verb, onChoose, focus = false }) {
  const [text, setText] = useState("");
  const [found, setFound] = useState(/** @type {FoundPerson[] | null} */ (null));
  const wanted = text.trim();
  useEffect(() => {
    let here = true;
    const timer = setTimeout(async () => {
      const answer = await asks(page, (client, done) => client.questions.people(wanted, done));
      if (here && answer.refusal === null) setFound(answer.found.filter((/** @type {FoundPerson} */ person) => person.id !== page.client.me?.id));
    }, wanted === "" ? 0 : AFTER_MS);
    return () => {
      here = false;
      clearTimeout(timer);
    };
  }, [page, wanted]);
  /** @param {{currentTarget: HTMLInputElement}} event */
  const typed = ({ currentTarget }) => setText(currentTarget.value);
  return html`<div class="find-people">
    <${Field} id=${id} type="search" label=${words.direct.find} value=${text} onInput=${typed} autocomplete="off" focus=${focus} />
    <ul class="rows" aria-label=${words.people}>
      ${(found ?? []).slice(0, MOST_SHOWN).map(
        (person) =>
          html`<li key=${person.id} class="row">
            <div class="found-person"><${Avatar} id=${person.id} name=${person.displayName || person.name} /><div><bdi class="row-name">${person.displayName || person.name}</bdi><bdi class="meta">${person.name}</bdi></div></div>
            <button class="button" type="button" aria-label=${`${verb} ${person.displayName || person.name}`} onClick=${() => onChoose(person)}>${verb}</button>
          </li>`,
      )}
    </ul>
    <p class="meta" role="status" dir="auto">${found !== null && found.length === 0 && wanted !== "" ? words.direct.none(wanted) : ""}</p>
  </div>`;
}
