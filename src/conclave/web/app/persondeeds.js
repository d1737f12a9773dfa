/** What one may do with a person in the open room, as the room's `may` and their roles say. */

import { asks } from "./asks.js";
import { may, outranks } from "./rights.js";
import { words } from "./words.js";

/** @import { Met, Page } from "./page.js" */
/** @typedef {{name: string, said: string, danger?: boolean, act: () => void}} PersonDeed */

/** @param {Page} page @param {Met} met @returns {PersonDeed[]} */
export function personDeedsOf(page, met) {
  const { person } = words;
  const room = page.place.room ?? "";
  const { me } = page.client;
  const info = page.infoOf(room);
  const below = outranks(me, info, met.role ?? "");
  const ignored = page.ignored.has(met.id);
  /** @param {"mute" | "kick" | "ban"} what @returns {PersonDeed} */
  const against = (what) => ({
    name: what,
    said: person[what],
    danger: what !== "mute",
    act: () => page.show({ name: "against", what, room, user: met.id, called: met.name }),
  });
  /** @type {(PersonDeed | false)[]} */
  const deeds = [
    me?.role !== "guest" && { name: "direct", said: person.direct, act: () => void openDirect(page, [met.id]) },
    { name: "ignore", said: ignored ? person.attend : person.ignore, act: () => void ignore(page, met, !ignored) },
    ...rolesFor(page, met, room),
    below && may(info, "mute") && against("mute"),
    below && met.role !== null && may(info, "kick") && against("kick"),
    below && may(info, "ban") && against("ban"),
  ];
  return deeds.filter((deed) => deed !== false);
}

/** @param {Page} page @param {Met} met @param {string} room @returns {PersonDeed[]} */
function rolesFor(page, met, room) {
  if (met.role === null || !may(page.infoOf(room), "role")) return [];
  const others = ["owner", "moderator", "member"].filter((role) => role !== met.role);
  return others.map((role) => ({ name: `make-${role}`, said: words.person.make(role), act: () => askRole(page, met, room, role) }));
}

/** Only what owners cannot take back from each other's hands is asked twice. @param {Page} page @param {Met} met @param {string} room @param {string} role */
function askRole(page, met, room, role) {
  const set = async () => {
    const { refusal } = await asks(page, (client, done) => client.governing.role(room, met.id, role, done));
    if (refusal === null) page.members.read(room);
    return refusal === null ? "" : words.person.refused(refusal.code);
  };
  if (role !== "owner") return void set().then((wrong) => wrong !== "" && page.say(wrong));
  const { ownerAsk, ownerLead, make } = words.person;
  page.ask({ title: ownerAsk(met.name), lead: ownerLead, go: make(role), cancel: words.against.cancel, act: set });
}

/** @param {Page} page @param {Met} met @param {boolean} ignored */
async function ignore(page, { id, name }, ignored) {
  const code = await page.ignored.set({ id, name }, ignored);
  if (code !== "") page.say(words.person.refused(code));
}

/** Open the room one shares with *users* alone; what went wrong, "" if nothing. @param {Page} page @param {string[]} users */
export async function openDirect(page, users) {
  const { refusal, found } = await asks(page, (client, done) => client.governing.direct(users, done));
  if (refusal === null) page.enter(found);
  else page.say(words.direct.refused(refusal.code));
  return refusal === null ? "" : words.direct.refused(refusal.code);
}
