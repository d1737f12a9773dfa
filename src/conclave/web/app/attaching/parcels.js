/**
 * Messages that wait for their files: one was sent, and goes once all of them have arrived.
 *
 * It keeps the id it will go under: whatever happens in between, a reload or a lost answer, the
 * server stores it once. It stays here, with its files, until it is stored: where the server has
 * forgotten them, they are sent anew.
 */

import { asSeq, asText, isData, textsOf } from "../../client/wire.js";
import { Filed } from "./filed.js";

/** @import { Attached } from "../../client/wire.js" */
/** @import { Page } from "../page.js" */
/** @import { Desk } from "../writing.js" */
/**
 * @typedef {object} Parcel
 * @property {string} id
 * @property {Desk} desk
 * @property {string} text
 * @property {number | null} replyTo
 * @property {string[]} mentions
 * @property {Filed[]} files
 * @property {boolean} said      the outbox has it
 * @property {boolean} again     its files were sent anew already
 */

/** What the tab keeps of one. @param {Parcel} parcel */
export function keptOf({ id, desk, text, replyTo, mentions, files }) {
  return { id, desk, text, replyTo, mentions, files: files.map(({ kept }) => kept) };
}

/** @param {unknown} value @returns {Parcel | null} */
export function readParcel(value) {
  if (!isData(value) || !isData(value.desk) || !Array.isArray(value.files)) return null;
  const { id, desk, text, replyTo, mentions } = value;
  const room = asText(desk.room);
  const files = value.files.map((one) => Filed.read(one)).filter((one) => one !== null);
  if (!/^[A-Za-z0-9_.:-]{1,64}$/.test(asText(id)) || room === "" || files.length === 0) return null;
  return { id: asText(id), desk: { room, thread: asSeq(desk.thread) || null }, text: asText(text), replyTo: asSeq(replyTo) || null, mentions: textsOf(mentions), files, said: false, again: false };
}

/**
 * See what became of *parcel*, and let it go if it may: whether it is stored, or given up.
 *
 * @param {Page} page @param {Parcel} parcel @param {number} now @returns {boolean}
 */
export function follow(page, parcel, now) {
  const { client } = page;
  // What an earlier visit has sent is not known yet.
  if (client.kept.where === "opening") return false;
  const item = client.outbox.items.get(parcel.id);
  if (item === undefined && parcel.said) return true;
  if (item === undefined) {
    if (client.connection.ready && client.isIn(parcel.desk.room) && parcel.files.every((one) => one.isReady(now))) say(page, parcel);
    return false;
  }
  parcel.said = true;
  if (item.state !== "failed" || item.code !== "not_found" || parcel.again || parcel.files.some(({ file }) => file === null)) return false;
  // They were forgotten there, for it took too long: nothing of it is stored, and all is still here.
  Object.assign(parcel, { said: false, again: true });
  for (const one of parcel.files) one.anew();
  page.driver.act((acting) => acting.outbox.drop(parcel.id));
  return false;
}

/** @param {Page} page @param {Parcel} parcel */
function say({ driver }, parcel) {
  const { desk, text, replyTo, mentions, files, id } = parcel;
  const attachments = files.map(({ attached, alt }) => ({ .../** @type {Attached} */ (attached), alt }));
  const beside = { replyTo, thread: desk.thread, mentions, attachments, id };
  parcel.said = driver.act((client, now) => client.say(desk.room, text, now, beside)) !== null;
}
