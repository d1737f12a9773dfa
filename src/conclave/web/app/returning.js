/**
 * Coming back from a provider: what it put into the address is taken from it at once, and tried.
 *
 * Whether it is any good is the server's to say, by the cookie of the browser that has begun.
 */

import { words } from "./words.js";

/** @import { Entered, Ways } from "./api/ways.js" */

const CALLBACK = /^\/oidc\/([a-z0-9-]{1,32})\/callback$/;
/** In the tab that went to link its account: by which provider. */
const LINKING = "conclave.linking";

/** Remember that this tab goes to link its account. @param {Storage} storage @param {string} provider */
export const goesToLink = (storage, provider) => storage.setItem(LINKING, provider);

/**
 * What came of it: *entered* is null where one came to link an account, and *wrong* what went wrong then.
 *
 * @param {Window} window @param {Ways} ways @returns {Promise<{entered: Entered | null, wrong: string}>}
 */
export async function returned(window, ways) {
  const { location, history, sessionStorage } = window;
  const provider = CALLBACK.exec(location.pathname)?.[1] ?? "";
  const said = new URLSearchParams(location.search);
  const linking = sessionStorage.getItem(LINKING) === provider;
  sessionStorage.removeItem(LINKING);
  history.replaceState(null, "", `/${location.hash}`);
  const brought = { state: said.get("state") ?? "", code: said.get("code") ?? "", iss: said.get("iss"), error: said.get("error") ?? "" };
  const wrong = words.door.notByProvider;
  if (!linking) return { entered: await ways.byProvider(provider, brought), wrong };
  await ways.who();
  const { refusal } = await ways.http.post(`oidc/${provider}/link/finish`, brought);
  return { entered: null, wrong: refusal === null ? "" : wrong };
}
