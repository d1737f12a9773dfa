/** The address of a place in the page: `#room` or `#room/number`. Never anything secret. */

/** @typedef {{room: string | null, seq: number | null}} Place */

/** @param {string} hash @returns {Place} */
export function placeOf(hash) {
  const [name = "", number = ""] = hash.replace(/^#/, "").split("/");
  let room = "";
  try {
    room = decodeURIComponent(name);
  } catch {
    // No address of ours.
  }
  const seq = /^[1-9]\d{0,15}$/.test(number) ? Number(number) : null;
  return { room: room === "" ? null : room, seq: room === "" ? null : seq };
}

/** @param {string | null} room @param {number | null} [seq] */
export function hashOf(room, seq = null) {
  if (room === null) return "#";
  return `#${encodeURIComponent(room)}${seq === null ? "" : `/${seq}`}`;
}
