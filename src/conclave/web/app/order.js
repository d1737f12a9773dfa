/**
 * In which order rooms are listed: favourites first, then by what happened last. While one points
 * at the list, or is in it by keys, nothing moves away under the pointer.
 */

/** @import { RoomInfo } from "../client/infos.js" */

export class Order {
  constructor() {
    /** Whether the list has to hold still. */
    this.held = false;
    /** Room → its place, as it was shown last. @type {Map<string, number>} */
    this.places = new Map();
  }

  /** @param {RoomInfo[]} rooms */
  of(rooms) {
    const sorted = [...rooms].sort(this.held ? (a, b) => this.#placeOf(a) - this.#placeOf(b) || compare(a, b) : compare);
    if (!this.held) this.places = new Map(sorted.map(({ room }, at) => [room, at]));
    return sorted;
  }

  /** What is new comes last. @param {RoomInfo} info */
  #placeOf({ room }) {
    return this.places.get(room) ?? this.places.size;
  }
}

/** @param {RoomInfo} a @param {RoomInfo} b */
function compare(a, b) {
  if (a.favourite !== b.favourite) return a.favourite ? -1 : 1;
  return b.lastTime - a.lastTime || a.title.localeCompare(b.title) || (a.room < b.room ? -1 : 1);
}
