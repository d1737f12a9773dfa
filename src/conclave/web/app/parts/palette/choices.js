/** What the palette offers: one's rooms, people, and what one can do where one is. */

import { asks } from "../../asks.js";
import { favour } from "../../favouring.js";
import { isNow } from "../../../client/hearing.js";
import { openDirect } from "../../persondeeds.js";
import { may } from "../../rights.js";
import { step } from "../../roam.js";
import { words } from "../../words.js";
import { partsOf } from "../../roomparts.js";

/** @import { Page } from "../../page.js" */
/** @import { Choice } from "../../palette.js" */
/** @import { AccountPart } from "../account/Account.js" */

const ICONS = { public: "hash", private: "lock", direct: "person" };
/** @type {AccountPart[]} */
const ACCOUNT = ["profile", "notifications", "appearance", "password", "factors", "devices", "tokens", "ignored", "data"];
const OF_GUESTS = new Set(["profile", "notifications", "appearance", "devices", "ignored", "data"]);
const OFFICE = /** @type {const} */ (["people", "invitations", "rooms", "reports", "audit", "server"]);

/** @param {Page} page @returns {Choice[]} */
export function roomChoices(page) {
  return [...page.listed, ...page.closed].map((info) => ({
    key: `room ${info.room}`,
    kind: "room",
    name: info.title,
    also: `${info.room} ${info.topic}`,
    hint: words.palette.kinds[info.kind],
    icon: ICONS[info.kind],
    unread: page.client.unread.of(info.room),
    act: () => (page.client.rooms.has(info.room) ? page.goTo(info.room) : page.enter(info.room)),
  }));
}

/** @param {Page} page @param {{id: string, name: string, displayName: string}[]} found @returns {Choice[]} */
export function personChoices(page, found) {
  if (page.client.me?.role === "guest") return [];
  return found.map(({ id, name, displayName }) => ({
    key: `person ${id}`,
    kind: "person",
    name: displayName || name,
    also: name,
    hint: words.palette.person,
    icon: "person",
    act: () => void openDirect(page, [id]),
  }));
}

/** @param {Page} page @returns {Choice[]} */
export function deedChoices(page) {
  const { palette, roomsList, latch } = words;
  const guest = page.client.me?.role === "guest";
  return [
    ...roomDeeds(page),
    deed("next", palette.next, () => step(page, 1, true), { keys: "Alt+Shift+↓" }),
    ...(guest ? [] : [deed("create", roomsList.create, () => page.show({ name: "newRoom" })), deed("direct", roomsList.direct, () => page.show({ name: "direct" }))]),
    deed("browse", roomsList.browse, () => page.show({ name: "browse" })),
    ...accountDeeds(page),
    ...officeDeeds(page),
    deed("shortcuts", words.shortcuts.title, () => page.show({ name: "shortcuts" }), { keys: "?" }),
    deed("signOut", latch.signOut, () => page.signOut()),
  ];
}

/** What one can do with the open room. @param {Page} page @returns {Choice[]} */
function roomDeeds(page) {
  const { head, palette } = words;
  const name = page.place.room;
  const info = name === null ? null : page.infoOf(name);
  if (name === null || info === null || page.room === undefined) return [];
  const direct = info.kind === "direct";
  const labels = { general: head.settings, invitations: head.invite, programs: head.programs, sanctions: head.sanctions, reports: head.reports(info.reports) };
  return [
    deed("people", palette.people, () => page.beside.open({ name: "people" })),
    deed("pins", head.pinned, () => page.beside.open({ name: "pins" })),
    deed("goTo", head.goTo, () => page.show({ name: "goTo", room: name })),
    deed("searchHere", head.search, () => page.beside.search(`in:${name} `)),
    ...(info.role === null ? [] : [deed("notify", head.notify, () => page.show({ name: "notifyRoom", room: name }))]),
    ...(info.role === null ? [] : [deed("favour", info.favourite ? head.unfavour : head.favour, () => void favour(page, info))]),
    ...(may(info, "update") && !direct ? [deed("edit", head.edit, () => page.show({ name: "editRoom", room: name }))] : []),
    ...partsOf(info).map((part) => deed(`room ${part}`, labels[part], () => page.show({ name: "roomSettings", room: name, part }))),
    deed("close", head.closeHere, () => page.going.closeRoom(name)),
    ...(!direct && may(info, "quit") ? [deed("leave", head.leave, () => page.show({ name: "leaveRoom", room: name }))] : []),
  ];
}

/** @param {Page} page @returns {Choice[]} */
function accountDeeds(page) {
  const { account, palette } = words;
  const parts = ACCOUNT.filter((part) => page.client.me?.role !== "guest" || OF_GUESTS.has(part));
  return [
    ...parts.map((part) => deed(`account ${part}`, palette.part(account.title, account[part]), () => page.show({ name: "account", part }))),
    ...account.statuses.map(([status, said]) => deed(`status ${status}`, palette.part(account.status, said), () => void be(page, status))),
  ];
}

/** @param {Page} page @param {string} status */
async function be(page, status) {
  const { refusal } = await asks(page, (client, done) => client.ask("presence:set", { status }, done));
  if (refusal === null) isNow(page.client, page.of, status);
  else page.say(words.account.refused(refusal.code));
  page.changed();
}

/** @param {Page} page @returns {Choice[]} */
function officeDeeds(page) {
  if (page.client.me?.role !== "admin") return [];
  return OFFICE.map((part) => deed(`office ${part}`, words.palette.part(words.office.title, words.office[part]), () => page.goToOffice(part)));
}

/** @param {string} key @param {string} name @param {() => void} act @param {{keys?: string}} [more] @returns {Choice} */
export const deed = (key, name, act, more = {}) => ({ key: `deed ${key}`, kind: "deed", name, hint: words.palette.deed, icon: "next", act, ...more });
