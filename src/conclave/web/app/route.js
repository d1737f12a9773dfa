/**
 * The address of a place in the page: `#room`, `#room/number` or `#/office/part`. What one shares is
 * never secret; a link that lets somebody in is, and is taken from the address at once.
 */

/** @typedef {{room: string | null, seq: number | null, office: string | null}} Place   office: the part of it that is open */

/** `#setup=…`, `#invite=…`, `#reset=…`, `#join=…`: what follows is the link's secret. */
const LINK = /^#(setup|invite|reset|join)=([\w.~-]{8,512})$/;
const OFFICE = /^#\/office(?:\/([a-z]+))?$/;

/** @type {Place} */
const NOWHERE = { room: null, seq: null, office: null };

/** @typedef {"setup" | "invite" | "reset" | "join"} LinkKind */

/** The link that an address brings, with its secret; null for none. @param {string} hash */
export function linkIn(hash) {
  const found = LINK.exec(hash);
  return found === null ? null : { kind: /** @type {LinkKind} */ (found[1] ?? ""), token: found[2] ?? "" };
}

/** @param {string} hash @returns {Place} */
export function placeOf(hash) {
  if (LINK.test(hash)) return NOWHERE;
  const office = OFFICE.exec(hash);
  if (office !== null) return { room: null, seq: null, office: office[1] ?? "" };
  const [name = "", number = ""] = hash.replace(/^#/, "").split("/");
  let room = "";
  try {
    room = decodeURIComponent(name);
  } catch {
    // No address of ours.
  }
  const seq = /^[1-9]\d{0,15}$/.test(number) ? Number(number) : null;
  return { room: room === "" ? null : room, seq: room === "" ? null : seq, office: null };
}

/** @param {string | null} room @param {number | null} [seq] */
export function hashOf(room, seq = null) {
  if (room === null) return "#";
  return `#${encodeURIComponent(room)}${seq === null ? "" : `/${seq}`}`;
}

/** @param {string} part */
export const officeHash = (part) => `#/office/${part}`;

/** The address of the page with a link's secret in it, which no server sees. @param {{origin: string, pathname: string}} location @param {string} kind @param {string} token */
export const addressOf = ({ origin, pathname }, kind, token) => `${origin}${pathname}#${kind}=${token}`;
