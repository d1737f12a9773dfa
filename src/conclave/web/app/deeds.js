/** What one may do with a message, each with its key on a line that has the focus. */

import { textIn } from "../client/wire.js";
import { pressedOf } from "./pressed.js";
import { may, mayDelete, mayEdit, mayReport } from "./rights.js";
import { hashOf } from "./route.js";
import { words } from "./words.js";

/** @import { Page } from "./page.js" */
/** @import { Entry } from "../client/wire.js" */
/** @import { Desk } from "./writing.js" */
/**
 * @typedef {"reply" | "thread" | "edit" | "pin" | "unpin" | "copy" | "person" | "report" | "delete"} Name
 * @typedef {{name: Name, key: string, act: () => void}} Deed
 */

/** @param {Page} page @param {Entry} entry @param {boolean} inThread @param {Element} [beside] the line @returns {Deed[]} */
export function deedsOf(page, entry, inThread, beside) {
  const { me } = page.client;
  const info = page.infoOf(entry.room);
  /** @type {(Deed | false)[]} */
  const deeds = [
    may(info, "write") && { name: "reply", key: "R", act: () => reply(page, entry, inThread) },
    !inThread && { name: "thread", key: "T", act: () => openThread(page, entry) },
    mayEdit(me, info, entry) && { name: "edit", key: "E", act: () => change(page, entry, inThread) },
    may(info, "pin") && { name: entry.pinned ? "unpin" : "pin", key: "P", act: () => pin(page, entry) },
    { name: "copy", key: "C", act: () => void copyLink(page, entry) },
    beside !== undefined && isOther(page, entry) && { name: "person", key: "U", act: () => page.meet({ ...authorOf(page, entry), beside }) },
    mayReport(me, info, entry) && { name: "report", key: "!", act: () => page.show({ name: "report", entry }) },
    mayDelete(me, info, entry) && { name: "delete", key: "Del", act: () => page.show({ name: "remove", entry }) },
  ];
  return deeds.filter((deed) => deed !== false);
}

/** @param {Page} page @param {Entry} entry */
const isOther = ({ client }, { userId }) => userId !== client.me?.id && userId !== "system";

/** Who wrote *entry*, with what they are in the room as far as it is known. @param {Page} page @param {Entry} entry */
function authorOf(page, { userId, user, room }) {
  return { id: userId, name: user, role: page.members.of(room).find(({ id }) => id === userId)?.role ?? null };
}

/** The deed whose key was pressed. @param {Deed[]} deeds @param {KeyboardEvent} event */
export function deedOf(deeds, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const pressed = event.key === "Delete" ? "DEL" : pressedOf(event).toUpperCase();
  return deeds.find(({ key }) => key.toUpperCase() === pressed);
}

/** Answer *entry* where it was chosen: in the log, or in the thread beside it. @param {Page} page @param {Entry} entry @param {boolean} inThread */
export function reply(page, entry, inThread) {
  page.writeAt(deskOf(page, entry, inThread), (desk) => page.writing.answer(desk, entry.seq));
}

/** Change one's own *entry*. @param {Page} page @param {Entry} entry @param {boolean} inThread */
export function change(page, entry, inThread) {
  const { seq } = entry;
  const text = textIn(entry);
  page.writeAt(deskOf(page, entry, inThread), (desk) => page.writing.change(desk, { seq, was: text, text }));
}

/** @param {Page} page @param {Entry} entry @param {boolean} inThread @returns {Desk} */
function deskOf({ panel }, { room }, inThread) {
  return { room, thread: inThread && panel?.name === "thread" ? panel.root : null };
}

/** Open the thread that *entry* begins or is in. @param {Page} page @param {Entry} entry */
export function openThread(page, { room, thread, seq }) {
  page.beside.open({ name: "thread", room, root: thread ?? seq });
}

/** React with *emoji*, or take one's own back. @param {Page} page @param {Entry} entry @param {string} emoji */
export function react(page, { room, seq, reactions }, emoji) {
  const mine = reactions.some((one) => one.emoji === emoji && one.me);
  page.driver.act((client, now) => (mine ? client.unreact(room, seq, emoji, now) : client.react(room, seq, emoji, now)));
}

/** Pin, or take the pin away. @param {Page} page @param {Entry} entry */
export function pin(page, { room, seq, pinned }) {
  page.driver.act((client, now) => (pinned ? client.unpin(room, seq, now) : client.pin(room, seq, now)));
}

/** @param {Page} page @param {Entry} entry */
export function remove(page, { room, seq }) {
  page.driver.act((client, now) => client.remove(room, seq, now));
  page.show(null);
}

/** Copy the address of *entry*, or show it where the browser does not let one. @param {Page} page @param {Entry} entry */
async function copyLink(page, entry) {
  const { location, navigator } = page.window;
  const address = new URL(hashOf(entry.room, entry.seq), location.href).href;
  try {
    await navigator.clipboard.writeText(address);
    page.voice.tell(words.link.copied);
  } catch {
    page.show({ name: "link", address });
  }
}
