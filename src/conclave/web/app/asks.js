/** A question to the server as a promise: for components, which wait for one answer. */

/** @import { Page } from "./page.js" */
/** @import { Client } from "../client/client.js" */
/** @import { Refusal } from "../client/requests.js" */

/**
 * @template T
 * @param {Page} page @param {(client: Client, done: (refusal: Refusal | null, found: T) => void) => void} what
 * @returns {Promise<{refusal: Refusal | null, found: T}>}
 */
export const asks = (page, what) =>
  new Promise((resolve) => page.driver.act((client) => what(client, (refusal, found) => resolve({ refusal, found }))));
