/** The question before something that cannot be undone, above whatever else is open. */

import { html } from "../html.js";
import { Dialog } from "./Dialog.js";
import { Field } from "./Field.js";
import { Form } from "./Form.js";
import { Whose } from "./Whose.js";

/** @import { Page } from "../page.js" */

/** @param {{page: Page}} given */
export function Asked({ page }) {
  const { asked } = page;
  if (asked === null) return null;
  const { title, lead, go, cancel, field, act } = asked;
  const close = () => page.ask(null);
  /** @param {Map<string, string>} fields */
  const send = async (fields) => {
    const wrong = await act(fields.get("asked-field") ?? "");
    if (wrong === "" && page.asked === asked) close();
    return wrong;
  };
  return html`<${Dialog} key=${title} name="asked" title=${title} close=${cancel} onClose=${close}>
    ${lead !== "" && html`<p class="lead" dir="auto">${lead}</p>`}
    <${Form} go=${go} cancel=${cancel} onCancel=${close} danger=${field === undefined} send=${send}>
      ${field !== undefined && html`<${Whose} page=${page} /><${Field} id="asked-field" label=${field} type="password" autocomplete="current-password" maxlength="1024" focus />`}
    <//>
  <//>`;
}
