/** Somebody is erased: what they wrote, and who they were. It takes its time, and says how far it is. */

import { useEffect, useRef, useState } from "../../../vendor/preact-hooks.js";
import { saidOf, surely } from "../../confirming.js";
import { html } from "../../html.js";
import { words } from "../../words.js";
import { Step } from "./Step.js";

/** @import { Page } from "../../page.js" */

const LOOK_EVERY_MS = 400;

/** @param {{page: Page, id: string, displayName: string, onErased: () => void}} given */
export function Erase({ page, id, displayName, onErased }) {
  const says = words.office;
  const [said, setSaid] = useState("");
  const here = useRef(true);
  useEffect(() => () => void (here.current = false), []);
  /** Say how far it is, to its end. @param {string} errand */
  const follow = async (errand) => {
    while (here.current) {
      const { refusal, found } = await page.office.erasure(errand);
      // While the server sends everybody away to begin anew a request may break.
      if (refusal !== null && refusal.code !== "connection_lost") return setSaid(saidOf(refusal));
      if (refusal === null && found.over) {
        setSaid(found.failed === "" ? says.erased(found.messages) : says.eraseEnded(found.failed));
        return onErased();
      }
      if (refusal === null) setSaid(says.erasing(found.part));
      await new Promise((done) => page.window.setTimeout(() => done(null), LOOK_EVERY_MS));
    }
  };
  const erase = async () => {
    const { refusal, found } = await page.office.erase(id);
    if (refusal === null) void follow(found);
    return refusal;
  };
  const ask = () => page.ask({ title: says.eraseAsk(displayName), lead: says.eraseLead, go: says.erase, cancel: says.cancel, act: () => surely(page, erase) });
  return html`<${Step} lead=${says.eraseLead} go=${says.erase} danger act=${ask} />
    <p class="meta" role="status">${said}</p>`;
}
