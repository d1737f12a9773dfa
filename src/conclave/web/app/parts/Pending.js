/** A message on its way, shown at once: under way, kept until there is a connection, or not sent and why. */

import { html } from "../html.js";
import { words } from "../words.js";
import { Avatar } from "./Avatar.js";
import { Byline } from "./Byline.js";
import { Failed } from "./Failed.js";
import { useFold } from "./fold.js";
import { Icon } from "./Icon.js";
import { Attached } from "./Message.js";
import { Quote } from "./Quote.js";
import { Text } from "./Text.js";

/** @import { Page } from "../page.js" */
/** @import { PendingRow } from "../dressing.js" */

/** @param {{page: Page, row: PendingRow}} given */
export function Pending({ page, row }) {
  const { item, first } = row;
  const fold = useFold(page, item.id);
  const me = page.client.me ?? { id: "", name: "" };
  const waits = item.state === "waiting" || item.state === "sent";
  return html`<article class="line" tabindex="-1" data-own="true" data-first=${first} data-state=${item.state}>
    <span class="gutter">${first && html`<${Avatar} id=${me.id} name=${me.name} />`}</span>
    <div class="said-by">
      <${Byline} id=${me.id} name=${me.name} timestamp=${item.at} shown=${first} />
      ${item.replyTo !== null && html`<${Quote} page=${page} room=${item.room} seq=${item.replyTo} quoted=${row.quoted} stop=${-1} />`}
      ${item.text !== "" && html`<${Text} text=${item.text} named=${row.named} me=${me.id} stop=${-1} fold=${fold} />`}
      ${item.attachments.length > 0 && html`<${Attached} page=${page} room=${item.room} files=${item.attachments} stop=${-1} />`}
      ${item.state === "failed" && html`<${Failed} page=${page} item=${item} said=${words.message.notSent(item.code)} drop=${words.message.delete} />`}
    </div>
    ${waits &&
    html`<span class="sending after-400" title=${waitingWords(page)}>
      <${Icon} name="clock" /><span class="unseen">${waitingWords(page)}</span>
    </span>`}
  </article>`;
}

/** @param {Page} page */
function waitingWords({ client }) {
  if (client.connection.ready) return words.message.sending;
  return client.kept.where === "disk" ? words.message.waits : words.message.waitsHere;
}
