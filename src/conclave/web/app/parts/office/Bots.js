/** Bots in the office: made, given tokens that are shown once, and the slash commands of all. */

import { useState } from "../../../vendor/preact-hooks.js";
import { ProgramsApi } from "../../api/programs.js";
import { surely } from "../../confirming.js";
import { html } from "../../html.js";
import { programs as says } from "../../programwords.js";
import { words } from "../../words.js";
import { useFound } from "../asking.js";
import { Field } from "../Field.js";
import { Form } from "../Form.js";
import { Icon } from "../Icon.js";
import { More } from "../More.js";
import { usePages } from "../pages.js";
import { CommandList } from "../programs/CommandList.js";
import { Wrong } from "../Wrong.js";
import { BotTokens } from "./BotTokens.js";

/** @import { Page } from "../../page.js" */
/** @import { OfficePerson } from "../../api/office.js" */

/** @param {{page: Page}} given */
export function Bots({ page }) {
  const api = new ProgramsApi(page.http);
  const { list, more, refused, reading, next, again } = usePages((_, after) => page.office.bots(after), (/** @type {OfficePerson} */ { id }) => id);
  const { found: commands } = useFound(() => api.commands(), [page]);
  /** @param {Map<string, string>} fields @param {HTMLFormElement} form */
  const send = async (fields, form) => {
    const [name = "", shown = ""] = ["bot-name", "bot-shown"].map((field) => (fields.get(field) ?? "").trim());
    if (name === "") return says.nameMissing;
    return surely(page, async () => {
      const refusal = await api.makeBot({ name, ...(shown === "" ? {} : { display_name: shown }) });
      if (refusal === null) {
        form.reset();
        again();
      }
      return refusal;
    });
  };
  return html`<p class="meta">${says.botsLead}</p>
    ${refused !== null && html`<${Wrong} text=${words.office.unread(refused)} />`}
    ${list !== null && list.length === 0 && html`<p class="meta">${says.noBots}</p>`}
    <ul class="rows">${(list ?? []).map((bot) => html`<${Bot} key=${bot.id} page=${page} api=${api} bot=${bot} again=${again} />`)}</ul>
    <${More} more=${more} reading=${reading} next=${next} />
    <details class="part">
      <summary class="quiet-button"><${Icon} name="plus" />${says.newBot}</summary>
      <${Form} go=${says.makeBot} send=${send} strong=${false} label=${says.newBot}>
        <div class="fields">
          <${Field} id="bot-name" label=${says.name} maxlength="32" autocomplete="off" hint=${words.door.account.nameHint} />
          <${Field} id="bot-shown" label=${says.shown} note=${words.newRoom.optional} maxlength="64" autocomplete="off" />
        </div>
      <//>
    </details>
    ${commands !== null && html`<${CommandList} commands=${commands} where />`}`;
}

/** @param {{page: Page, api: ProgramsApi, bot: OfficePerson, again: () => void}} given */
function Bot({ page, api, bot, again }) {
  const { id, displayName, active } = bot;
  const [open, setOpen] = useState(false);
  const manage = () => page.show({ name: "person", person: bot, onChange: again });
  return html`<li class="row report">
    <div>
      <bdi class="row-name">${displayName}<span class="tag">${active ? says.active : says.inactive}</span></bdi>
      <p class="meta"><bdi>${id}</bdi></p>
    </div>
    <details onToggle=${(/** @type {{currentTarget: HTMLDetailsElement}} */ { currentTarget }) => setOpen(currentTarget.open)}>
      <summary class="quiet-button" aria-label=${`${says.tokens}: ${displayName}`}>${says.tokens}</summary>
      ${open && html`<${BotTokens} page=${page} api=${api} bot=${id} />`}
    </details>
    <div class="row-end"><button class="button" type="button" aria-label=${words.office.manageOf(displayName)} onClick=${manage}>${says.manage}</button></div>
  </li>`;
}

