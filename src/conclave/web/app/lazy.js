/**
 * Parts that are fetched when they are first shown: what the first view does not need.
 *
 * Call `lazy` once, where the module begins. What it returns draws nothing until the part has
 * come; from then on it is the part itself. Where it does not come, it says so and can be
 * asked again. A lazy part is reached by `import()` alone: one static import of its module
 * from what is there at first puts it, and all that it imports, into the first load.
 */

import { useEffect, useState } from "../vendor/preact-hooks.js";
import { html } from "./html.js";
import { Lacking } from "./parts/Lacking.js";

/** @import { VNode } from "../vendor/preact.js" */

/**
 * @template P
 * @param {() => Promise<(given: P) => unknown>} fetch
 * @returns {(given: P) => VNode | null}
 */
export function lazy(fetch) {
  /** @type {((given: P) => unknown) | null} */
  let part = null;
  return function Lazy(given) {
    const [failed, setFailed] = useState(false);
    const [, setTurn] = useState(0);
    const load = () => {
      setFailed(false);
      fetch().then(
        (found) => {
          part = found;
          setTurn((turn) => turn + 1);
        },
        () => setFailed(true),
      );
    };
    const drawn = part !== null;
    useEffect(() => {
      if (part === null) load();
      // It came for another of its kind since this one drew nothing.
      else if (!drawn) setTurn(1);
    }, []);
    if (part !== null) return html`<${part} ...${given} />`;
    return failed ? html`<${Lacking} onAgain=${load} onLater=${() => setFailed(false)} />` : null;
  };
}
