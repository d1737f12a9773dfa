/** What an address was told in vain: sent again, or dropped. */

import { useState } from "../../../vendor/preact-hooks.js";
import { saidOf } from "../../confirming.js";
import { html } from "../../html.js";
import { programs as says } from "../../programwords.js";
import { shortTime } from "../../times.js";
import { words } from "../../words.js";
import { More } from "../More.js";
import { usePages } from "../pages.js";
import { Wrong } from "../Wrong.js";

/** @import { Page } from "../../page.js" */
/** @import { Letter, ProgramsApi } from "../../api/programs.js" */

/** @param {{page: Page, api: ProgramsApi, hook: string, dead: number, onChange: () => void}} given */
export function Letters({ page, api, hook, dead, onChange }) {
  const [open, setOpen] = useState(false);
  return html`<details onToggle=${(/** @type {{currentTarget: HTMLDetailsElement}} */ { currentTarget }) => setOpen(currentTarget.open)}>
    <summary class="quiet-button">${says.letters(dead)}</summary>
    ${open && html`<${List} page=${page} api=${api} hook=${hook} dead=${dead} onChange=${onChange} />`}
  </details>`;
}

/** @param {{page: Page, api: ProgramsApi, hook: string, dead: number, onChange: () => void}} given */
function List({ page, api, hook, dead, onChange }) {
  const { list, more, refused, reading, next } = usePages((_, after) => api.letters(hook, after), ({ id }) => id, [hook, dead]);
  const [said, setSaid] = useState("");
  if (refused !== null) return html`<${Wrong} text=${words.office.unread(refused)} />`;
  /** @param {Letter} letter */
  const resend = async ({ id }) => {
    const { refusal, found } = await api.resend(hook, id);
    setSaid(refusal !== null ? saidOf(refusal) : found === "" ? says.done : says.notTaken(found));
    onChange();
  };
  /** @param {Letter} letter */
  const drop = ({ id }) => {
    const act = async () => {
      const refusal = await api.drop(hook, id);
      onChange();
      return saidOf(refusal);
    };
    page.ask({ title: says.dropAsk, lead: says.dropLead, go: says.drop, cancel: says.cancel, act });
  };
  return html`<ul class="rows">
      ${(list ?? []).map((letter) => {
        const called = says.letter(letter.room, letter.seq);
        return html`<li key=${letter.id} class="row">
          <div>
            <bdi class="row-name">${called}</bdi>
            <p class="meta">${says.tries(letter.tries, letter.why)} · ${shortTime(letter.at, page.serverNow)}</p>
          </div>
          <div class="row-end">
            <button class="button" type="button" aria-label=${`${says.resend}: ${called}`} onClick=${() => void resend(letter)}>${says.resend}</button>
            <button class="button" type="button" aria-label=${`${says.drop}: ${called}`} onClick=${() => drop(letter)}>${says.drop}</button>
          </div>
        </li>`;
      })}
    </ul>
    <${More} more=${more} reading=${reading} next=${next} />
    <p class="meta" role="status">${said}</p>`;
}
