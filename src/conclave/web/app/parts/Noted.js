/** A change of the room itself, in one quiet line. */

import { html } from "../html.js";
import { words } from "../words.js";

/** @import { Entry } from "../../client/wire.js" */

/** @param {{entry: Entry}} given */
export function Noted({ entry }) {
  return html`<p class="folded" dir="auto">${sentences(entry).join(" · ")}</p>`;
}

/** @param {Entry} entry */
function sentences({ type, user, memberName, role, title, topic, archived, slowMode, history }) {
  const { noted } = words;
  if (type === "member:role") return [noted.role(memberName ?? user, role ?? "")];
  const parts = [
    title !== null && noted.title(user, title),
    topic !== null && noted.topic(user, topic),
    slowMode !== null && noted.slow(user, slowMode),
    history !== null && noted.history(user, history),
    archived !== null && (archived ? noted.archived(user) : noted.reopened(user)),
  ];
  return parts.filter((part) => part !== false);
}
