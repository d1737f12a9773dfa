/**
 * Coming back from a provider: what it put into the address is taken from it at once, and tried.
 *
 * Whether it is any good is the server's to say, by the cookie of the browser that has begun.
 */

import { providers } from "./providerwords.js";

/** @import { Page } from "./page.js" */

const CALLBACK = /^\/oidc\/([a-z0-9-]{1,32})\/callback$/;
/** In the tab that went to link its account: by which provider. */
const LINKING = "conclave.linking";

/** Remember that this tab goes to link its account. @param {Storage} storage @param {string} provider */
export const goesToLink = (storage, provider) => storage.setItem(LINKING, provider);

/** Try what the address brings; what went wrong is said at the door, or in the account. @param {Page} page */
export async function returned(page) {
  const { door, window } = page;
  const { location, history, sessionStorage } = window;
  const provider = CALLBACK.exec(location.pathname)?.[1] ?? "";
  const said = new URLSearchParams(location.search);
  const linking = sessionStorage.getItem(LINKING) === provider;
  sessionStorage.removeItem(LINKING);
  history.replaceState(null, "", `/${location.hash}`);
  const brought = { state: said.get("state") ?? "", code: said.get("code") ?? "", iss: said.get("iss"), error: said.get("error") ?? "" };
  if (linking) {
    await door.ways.who();
    const { refusal } = await page.http.post(`oidc/${provider}/link/finish`, brought);
    door.notByProvider = refusal === null ? "" : providers.notByProvider;
    page.show({ name: "account", part: "factors" });
  } else {
    const entered = door.ways.taken(await page.http.post(`oidc/${provider}/finish`, brought));
    door.notByProvider = door.came(entered, providers.notByProvider);
  }
  page.changed();
}
