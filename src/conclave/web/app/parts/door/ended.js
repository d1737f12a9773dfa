/** Why one is at the door again, in a sentence. */

import { CLOSE } from "../../../client/codes.js";
import { words } from "../../words.js";

/** @import { Page } from "../../page.js" */

/** @param {Page} page */
export function endOf({ client }) {
  const { state, connection } = client;
  const { signIn } = words;
  if (state.name !== "stopped") return "";
  switch (state.why) {
    case "auth_failed":
      return signIn.refused;
    case "token_expired":
      return signIn.expired;
    case "closed":
      // Signing in anew would not help.
      return connection.lastClose?.code === CLOSE.UNSUPPORTED_VERSION ? words.latch.why(CLOSE.UNSUPPORTED_VERSION) : signIn.closed;
    default:
      return signIn[state.why];
  }
}
