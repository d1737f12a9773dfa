/**
 * The rooms on one's list: what the server says of each, kept up by what rooms that are
 * heard tell of themselves.
 */

/** @import { RoomInfo } from "./infos.js" */
/** @import { Entry } from "./wire.js" */

/** Far more than anybody is in: a server that tells of ever more is not followed. */
const MOST_ROOMS = 10_000;

export class RoomList {
  constructor() {
    /** Null until the server has told it. @type {Map<string, RoomInfo> | null} */
    this.rooms = null;
    /** Goes up with each change. */
    this.changes = 0;
  }

  /** @param {RoomInfo[]} rooms */
  listed(rooms) {
    this.changes += 1;
    this.rooms = new Map(rooms.slice(0, MOST_ROOMS).map((info) => [info.room, info]));
  }

  /** @param {RoomInfo} info @returns {boolean} whether there is a list that it can be on */
  changed(info) {
    if (this.rooms === null || (this.rooms.size >= MOST_ROOMS && !this.rooms.has(info.room))) return false;
    this.changes += 1;
    this.rooms.set(info.room, info);
    return true;
  }

  /** @param {string} room */
  gone(room) {
    this.changes += 1;
    this.rooms?.delete(room);
  }

  /** A room that is heard told *entry*. @param {Entry} entry @param {string} me */
  heard(entry, me) {
    const info = this.rooms?.get(entry.room);
    // What is of an earlier time than the list is in it already.
    if (info === undefined || entry.seq <= info.lastSeq) return;
    this.changes += 1;
    this.rooms?.set(entry.room, { ...info, ...changesOf(info, entry, me), lastSeq: entry.seq, lastTime: Math.max(info.lastTime, entry.timestamp) });
  }
}

/** @param {RoomInfo} info @param {Entry} entry @param {string} me @returns {Partial<RoomInfo>} */
function changesOf(info, { type, title, topic, archived, slowMode, history, member, role }, me) {
  switch (type) {
    case "room:updated":
      return {
        title: title || info.title,
        topic: topic ?? info.topic,
        archived: archived ?? info.archived,
        slowMode: slowMode ?? info.slowMode,
        history: history === "all" || history === "joined" ? history : info.history,
      };
    case "member:added":
      return { members: info.members + 1 };
    case "member:removed":
      return { members: Math.max(0, info.members - 1) };
    case "member:role":
      return member === me ? { role } : {};
    default:
      return {};
  }
}
