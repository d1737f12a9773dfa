/** Some things of one's account ask for its password again, unless one has just signed in. */

import { words } from "./words.js";

/** @import { Page } from "./page.js" */
/** @import { Refusal } from "../client/requests.js" */

/** Do *act*, with the password where the server wants it: what went wrong, "" if nothing, or if it is asked for. @param {Page} page @param {(password: string) => Promise<Refusal | null>} act @param {string} [lead]   why it is asked for */
export async function confirmed(page, act, lead = words.account.confirmLead) {
  const refusal = await act("");
  if (refusal === null || refusal.code !== "password_required") return saidOf(refusal);
  const { confirm, confirmGo, cancel, password } = words.account;
  page.ask({
    title: confirm,
    lead,
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

/** Do *act* of the office, before which the server may want to know that the admin is there. @param {Page} page @param {() => Promise<Refusal | null>} act */
export function surely(page, act) {
  const first = async (/** @type {string} */ password) => (password === "" ? null : await page.office.confirm(password)) ?? act();
  return confirmed(page, first, words.office.surelyLead);
}

/** @param {Refusal | null} refusal */
export function saidOf(refusal) {
  if (refusal === null) return "";
  const { code, message } = refusal;
  if (code === "rate_limited") return words.door.refused(refusal);
  // What is wrong with what was given the server says itself.
  if (["bad_request", "conflict"].includes(code) && message !== "") return message.endsWith(".") ? message : `${message}.`;
  return words.account.refused(code);
}
