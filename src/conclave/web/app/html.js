/** Templates to nodes: htm bound to Preact. Values become text nodes or attributes, never markup. */

import htm from "../vendor/htm.js";
import { h } from "../vendor/preact.js";

/** @import { VNode } from "../vendor/preact.js" */

/** @type {(strings: TemplateStringsArray, ...values: unknown[]) => VNode} */
export const html = /** @type {any} */ (htm.bind(h));
