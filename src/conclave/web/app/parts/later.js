/** Parts that are read when they are first wanted, and not with the page. */

import { useEffect, useState } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";
import { words } from "../words.js";

/** @import { ComponentType } from "../../vendor/preact.js" */
/** @import { Page } from "../page.js" */

/**
 * A component that shows nothing until its file is there. One that cannot be read is told, closes
 * the dialog, and is asked for anew the next time.
 *
 * @param {() => Promise<any>} read   resolves with the component
 */
export function later(read) {
  /** @type {any} */
  let known = null;
  /** @param {{page: Page}} given */
  return function Later(given) {
    const [, draw] = useState(0);
    useEffect(() => {
      if (known !== null) return undefined;
      let here = true;
      read().then(
        (component) => {
          known = component;
          if (here) draw(1);
        },
        () => {
          if (!here) return;
          given.page.show(null);
          given.page.say(words.unread);
        },
      );
      return () => void (here = false);
    }, []);
    return known === null ? null : html`<${known} ...${given} />`;
  };
}
