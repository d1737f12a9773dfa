/** Some things of one's account ask for its password again, unless one has just signed in. */

import { words } from "./words.js";

/** @import { Page } from "./page.js" */
/** @import { Refusal } from "../client/requests.js" */

/** Do *act*, with the password where the server wants it: what went wrong, "" if nothing, or if it is asked for. @param {Page} page @param {(password: string) => Promise<Refusal | null>} act */
export async function confirmed(page, act) {
  const refusal = await act("");
  if (refusal === null || refusal.code !== "password_required") return saidOf(refusal);
  const { confirm, confirmLead, confirmGo, cancel, password } = words.account;
  page.ask({
    title: confirm,
    lead: confirmLead,
    go: confirmGo,
    cancel,
    field: password,
    act: async (typed) => {
      if (typed === "") return words.account.passwordMissing;
      const again = await act(typed);
      return again?.code === "password_required" ? words.account.passwordWrong : saidOf(again);
    },
  });
  return "";
}

/** @param {Refusal | null} refusal */
export function saidOf(refusal) {
  if (refusal === null) return "";
  const { code, message } = refusal;
  if (code === "rate_limited") return words.door.refused(refusal);
  // What is wrong with what was given the server says itself.
  if (code === "bad_request" && message !== "") return message.endsWith(".") ? message : `${message}.`;
  return words.account.refused(code);
}
