/** What others see of one: the shown name, a line about oneself, presence. */

import { useState } from "../../../vendor/preact-hooks.js";
import { isCalled } from "../../../client/hearing.js";
import { asks } from "../../asks.js";
import { saidOf } from "../../confirming.js";
import { html } from "../../html.js";
import { setStatus } from "../../status.js";
import { words } from "../../words.js";
import { useFound } from "../asking.js";
import { Choice } from "../Choice.js";
import { Field } from "../Field.js";
import { Form } from "../Form.js";
import { Wrong } from "../Wrong.js";

/** @import { Page } from "../../page.js" */

/** @param {{page: Page}} given */
export function Profile({ page }) {
  const says = words.account;
  const [saved, setSaved] = useState("");
  const { found, refused } = useFound(() => asks(page, (client, done) => client.questions.profile(page.of, done)), [page]);
  const profile = found ?? { displayName: page.client.me?.name ?? "", about: "", status: "online" };
  /** @param {Map<string, string>} fields */
  const send = async (fields) => {
    const wanted = { display_name: (fields.get("shown") ?? "").trim(), about: (fields.get("about") ?? "").trim() };
    setSaved("");
    if (wanted.display_name === "") return says.nameMissing;
    const { refusal, found: now } = await asks(page, (client, done) => client.questions.setProfile(wanted, done));
    if (refusal !== null) return saidOf(refusal);
    isCalled(page.client, page.of, now.displayName);
    page.changed();
    setSaved(says.saved);
    return "";
  };
  if (refused !== null) return html`<${Wrong} text=${says.unread(refused)} />`;
  if (found === null) return null;
  return html`<${Form} go=${says.save} send=${send}>
      <${Field} id="shown" label=${says.shown} defaultValue=${profile.displayName} maxlength="64" autocomplete="name" hint=${says.shownHint} focus />
      <${Field} id="about" label=${says.about} note=${words.newRoom.optional} defaultValue=${profile.about} maxlength="200" autocomplete="off" hint=${says.aboutHint} />
      <p class="meta" role="status">${saved}</p>
    <//>
    <div class="part"><${Status} page=${page} /></div>`;
}

/** @param {{page: Page}} given */
function Status({ page }) {
  const says = words.account;
  const [wrong, setWrong] = useState("");
  /** @param {string} status */
  const choose = async (status) => {
    setWrong(await setStatus(page, status));
  };
  return html`<${Choice} id="status" label=${says.status} value=${page.client.status} options=${says.statuses} onChange=${choose} />
    ${wrong !== "" && html`<${Wrong} text=${wrong} />`}`;
}
