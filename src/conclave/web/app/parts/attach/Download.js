/** Saves what is attached: a link where a cookie opens it, else it is fetched with the tab's token. */

import { useState } from "../../../vendor/preact-hooks.js";
import { byCookie, save } from "../../attaching/sources.js";
import { attaching } from "../../attaching/words.js";
import { html } from "../../html.js";
import { Icon } from "../Icon.js";

/** @import { Page } from "../../page.js" */

/** @param {{page: Page, id: string, name: string, stop: number}} given */
export function Download({ page, id, name, stop }) {
  const [busy, setBusy] = useState(false);
  const label = attaching.download(name);
  if (byCookie(page)) {
    return html`<a class="icon-button" href=${`${page.http.folder}attachments/${id}`} download=${name} tabindex=${stop} aria-label=${label} title=${label}><${Icon} name="down" /></a>`;
  }
  const fetched = async () => {
    setBusy(true);
    await save(page, id, name).catch(() => page.voice.tell(attaching.notFetched));
    setBusy(false);
  };
  return html`<button class="icon-button" type="button" tabindex=${stop} aria-label=${label} title=${label} aria-busy=${busy} onClick=${fetched}><${Icon} name="down" /></button>`;
}
