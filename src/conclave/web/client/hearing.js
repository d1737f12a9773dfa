/** What each event of the server means to a client that asked nothing: one line each. */

import { ignoredOf } from "./answers.js";
import { toldOf } from "./infos.js";
import { refusalOf } from "./requests.js";
import { asNumber, asText, isData, textsOf } from "./wire.js";

/** @import { Client } from "./client.js" */
/** @import { Data, Frame } from "./wire.js" */
/** @typedef {(client: Client, data: Data, id: string | null, now: number) => void} Hear */

/** @type {Map<string, Hear>} */
const EVENTS = new Map(
  /** @type {[string, Hear][]} */ ([
    ["chat", ({ attendance }, data) => attendance.told(data)],
    ["entry", ({ attendance }, data) => attendance.told(data)],
    ["presence", ({ attendance }, data) => attendance.presence(data)],
    ["typing", ({ attendance }, data, _, now) => attendance.typing(data, now)],
    ["read", ({ reckoning }, data) => reckoning.read(data)],
    ["room:changed", ({ reckoning }, data) => reckoning.changed(data)],
    ["room:gone", gone],
    ["ack", acked],
    ["error", refused],
    ["notice", noticed],
    ["ignored", (client, data) => client.ignored(ignoredOf(data))],
    ["presence:changed", (client, data) => isNow(client, asText(data.user), asText(data.status))],
    ["profile:changed", (client, data) => isCalled(client, asText(data.user), asText(data.display_name))],
    ["hello", hello],
    ["auth:response", authenticated],
  ]),
);

/** How one may be that only oneself says: "away" also comes by itself, and goes so. */
const SAID_AGAIN = new Set(["dnd", "invisible"]);

/** What a signal such as typing is refused for, and the room says itself. */
const SEEN = new Set(["muted", "archived", "banned", "not_in_room", "no_such_room"]);

/** @param {Client} client @param {Frame} frame @param {number} now */
export function hear(client, { type, data, id }, now) {
  const known = EVENTS.get(type);
  if (known !== undefined) known(client, data, id, now);
  // What answers a question has gone to who asked.
  else if (id === null) client.heard(type, data);
}

/** @type {Hear} */
function hello(client, data) {
  const limits = isData(data.limits) ? data.limits : {};
  const { textChars, messageBytes } = client.limits;
  const { server_time: told } = data;
  if (typeof told === "number" && Number.isFinite(told)) client.skewMs = told - client.connection.wall();
  client.limits = {
    textChars: asNumber(limits.text_chars) || textChars,
    messageBytes: asNumber(limits.message_bytes) || messageBytes,
    attachmentBytes: asNumber(limits.attachment_bytes),
    attachmentKinds: textsOf(limits.attachment_kinds),
  };
}

/** @type {Hear} */
function authenticated(client, data) {
  if (data.success !== true || !isData(data.user)) return;
  const { id, name, role } = data.user;
  if (client.me !== null && client.me.id !== id) {
    client.forget();
    client.status = "online";
  }
  client.me = { id: asText(id), name: asText(name, "?"), role: asText(role, "user") };
  client.said = null;
  // Before any room: a server that was restarted has forgotten it, and who is not to be seen must not flash up.
  if (SAID_AGAIN.has(client.status)) client.connection.send("presence:set", { status: client.status });
}

/** @type {Hear} */
function acked({ outbox, rooms }, data, id) {
  if (id === null) return;
  outbox.stored(id, asNumber(data.seq));
  const room = rooms.get(asText(data.room));
  if (room !== undefined) outbox.settleUpto(room.name, room.log.upto);
}

/** @type {Hear} */
function refused(client, data, id, now) {
  const refusal = refusalOf(data);
  if (id !== null && client.outbox.items.has(id)) client.outbox.refused(id, refusal, now);
  else if (!(id === null && SEEN.has(refusal.code))) client.said = refusal;
}

/** @type {Hear} */
function noticed(client, data) {
  const told = toldOf(data);
  if (told !== null) client.noticed(told);
}

/** @type {Hear} */
function gone(client, data) {
  const [room, reason] = [asText(data.room), asText(data.reason)];
  const title = client.list?.get(room)?.title ?? room;
  if (!client.rooms.has(room) && client.list?.has(room) !== true) return;
  if (reason === "quit") client.outbox.dropAll(room);
  else client.gone = { room, title, reason, text: asText(data.text), until: asNumber(data.until) || null };
  client.left(room);
}

/** How somebody is now; of oneself also told by another device. @param {Client} client @param {string} user @param {string} status */
export function isNow(client, user, status) {
  if (user === client.me?.id) client.status = status;
  for (const { people } of client.rooms.values()) people.is(user, { status });
}

/** @param {Client} client @param {string} user @param {string} name */
export function isCalled(client, user, name) {
  if (name === "") return;
  if (client.me?.id === user) client.me = { ...client.me, name };
  for (const { people } of client.rooms.values()) people.is(user, { name });
}
