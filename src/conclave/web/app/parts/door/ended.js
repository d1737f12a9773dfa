/** Why one is at the door again, in a sentence. */

import { words } from "../../words.js";

/** @import { Page } from "../../page.js" */

/** @param {Page} page */
export function endOf({ client }) {
  const { state } = client;
  const { signIn } = words;
  if (state.name !== "stopped") return "";
  switch (state.why) {
    case "auth_failed":
      return signIn.refused;
    case "token_expired":
      return signIn.expired;
    default:
      return signIn[state.why];
  }
}
