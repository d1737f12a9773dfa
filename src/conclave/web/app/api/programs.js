/** Bots, webhooks and connections over HTTP, for who looks after them. */

import { asNumber, asSeq, asText, isData } from "../../client/wire.js";
import { listOf } from "./http.js";

/** @import { Refusal } from "../../client/requests.js" */
/** @import { Data } from "../../client/wire.js" */
/** @import { Answer, Http } from "./http.js" */
/** @import { Told } from "./own.js" */
/**
 * @typedef {{id: string, room: string, name: string, by: string, uses: number}} Incoming
 * @typedef {{id: string, room: string | null, name: string, url: string, by: string, state: string, fails: string, delivered: number, dead: number}} Outgoing   state: `on`, or why it is off; fails: what the last try came to
 * @typedef {{id: string, room: string, command: string, about: string, hint: string, name: string, url: string}} Answering   a command that an address answers
 * @typedef {{id: string, room: string, seq: number, at: number, tries: number, why: string}} Letter
 * @typedef {{name: string, about: string, hint: string, by: string, room: string | null, here: boolean}} Offered   by: "" for the server itself
 * @typedef {{id: string, name: string, usedAt: number | null, expiresAt: number | null}} BotToken
 * @typedef {{id: string, user: string, address: string, since: number, rooms: string[], waits: number}} Opened
 * @typedef {{open: boolean, lines: {at: number, what: string, about: string}[]}} Timeline
 */

export class ProgramsApi {
  /** @param {Http} http */
  constructor(http) {
    this.http = http;
  }

  /** Those of *room*, or all of the server. @param {string | null} room @returns {Promise<Told<{incoming: Incoming[], outgoing: Outgoing[], commands: Answering[]}>>} */
  async hooks(room) {
    const query = room === null ? "" : `?room=${encodeURIComponent(room)}`;
    return told(await this.http.get(`webhooks${query}`), (data) => ({ incoming: listOf(data, "incoming").map(incomingOf), outgoing: listOf(data, "outgoing").map(outgoingOf), commands: listOf(data, "commands").map(answeringOf) }));
  }

  /** Its address is answered once. @param {{room: string, name: string}} wanted @returns {Promise<Told<string>>} */
  async makeIncoming(wanted) {
    return told(await this.http.post("webhooks/incoming", wanted), ({ url }) => asText(url));
  }

  /** Its secret is answered once. @param {{name: string, url: string, room?: string, kinds: string[]}} wanted @returns {Promise<Told<string>>} */
  async makeOutgoing(wanted) {
    return told(await this.http.post("webhooks/outgoing", wanted), ({ secret }) => asText(secret));
  }

  /** Its secret is answered once. @param {{room: string, command: string, name: string, url: string, about: string, hint: string}} wanted @returns {Promise<Told<string>>} */
  async makeCommand(wanted) {
    return told(await this.http.post("webhooks/commands", wanted), ({ secret }) => asText(secret));
  }

  /** @param {"incoming" | "outgoing" | "commands"} way @param {string} id */
  async revoke(way, id) {
    return (await this.http.delete(`webhooks/${way}/${encodeURIComponent(id)}`)).refusal;
  }

  /** @param {string} id @param {boolean} enabled */
  async enable(id, enabled) {
    return (await this.http.patch(`webhooks/outgoing/${encodeURIComponent(id)}`, { enabled })).refusal;
  }

  /** What it answered, "" if it took it. @param {string} id @returns {Promise<Told<string>>} */
  async test(id) {
    return told(await this.http.post(`webhooks/outgoing/${encodeURIComponent(id)}/test`), ({ answer }) => asText(answer));
  }

  /** What was given up, beyond *after*. @param {string} id @param {string} after @returns {Promise<Told<{list: Letter[], more: boolean}>>} */
  async letters(id, after) {
    const query = after === "" ? "" : `?after=${encodeURIComponent(after)}`;
    return told(await this.http.get(`webhooks/outgoing/${encodeURIComponent(id)}/dead${query}`), (data) => ({ list: listOf(data, "letters").map(letterOf), more: data.more === true }));
  }

  /** What it answered, "" if it took it. @param {string} id @param {string} letter @returns {Promise<Told<string>>} */
  async resend(id, letter) {
    return told(await this.http.post(letterPath(id, letter)), ({ answer }) => asText(answer));
  }

  /** @param {string} id @param {string} letter */
  async drop(id, letter) {
    return (await this.http.delete(letterPath(id, letter))).refusal;
  }

  /** All slash commands of the server. @returns {Promise<Told<Offered[]>>} */
  async commands() {
    return told(await this.http.get("admin/commands"), offeredOf);
  }

  /** @param {{name: string, display_name?: string}} wanted */
  async makeBot(wanted) {
    return (await this.http.post("admin/bots", wanted)).refusal;
  }

  /** @param {string} bot @returns {Promise<Told<BotToken[]>>} */
  async tokens(bot) {
    return told(await this.http.get(`admin/users/${encodeURIComponent(bot)}/sessions`), (data) => listOf(data, "sessions").map(tokenOf));
  }

  /** It is answered once. @param {string} bot @param {{name: string, scopes: string[], rooms: string[] | null, days: number | null}} wanted @returns {Promise<Told<string>>} */
  async makeToken(bot, wanted) {
    return told(await this.http.post(`admin/bots/${encodeURIComponent(bot)}/tokens`, wanted), ({ token }) => asText(token));
  }

  /** @param {string} bot @param {string} token */
  async revokeToken(bot, token) {
    return (await this.http.delete(`admin/users/${encodeURIComponent(bot)}/sessions/${encodeURIComponent(token)}`)).refusal;
  }

  /** Those that are open, the newest first. @returns {Promise<Told<Opened[]>>} */
  async connections() {
    return told(await this.http.get("admin/connections"), (data) => listOf(data, "connections").map(openedOf));
  }

  /** What became of one. @param {string} id @returns {Promise<Told<Timeline>>} */
  async timeline(id) {
    return told(await this.http.get(`admin/connections/${encodeURIComponent(id)}`), (data) => ({
      open: isData(data.now),
      lines: listOf(data, "lines").map(({ at, what, about }) => ({ at: asNumber(at), what: asText(what), about: asText(about) })),
    }));
  }
}

/** @param {Data} data @returns {Offered[]} */
export function offeredOf(data) {
  return listOf(data, "commands").map(({ name, about, hint, user, user_name, room, here }) => ({
    name: asText(name),
    about: asText(about),
    hint: asText(hint),
    by: asText(user) && (asText(user_name) || asText(user)),
    room: asText(room) || null,
    here: here !== false,
  }));
}

/** @template T @param {Answer} answer @param {(data: Data) => T} read @returns {{refusal: Refusal | null, found: T}} */
const told = ({ refusal, data }, read) => ({ refusal, found: read(data) });

/** @param {string} id @param {string} letter */
const letterPath = (id, letter) => `webhooks/outgoing/${encodeURIComponent(id)}/dead/${encodeURIComponent(letter)}`;

/** @param {Data} one @returns {Incoming} */
function incomingOf({ id, room, name, created_by, uses }) {
  return { id: asText(id), room: asText(room), name: asText(name), by: asText(created_by), uses: asSeq(uses) };
}

/** @param {Data} one @returns {Outgoing} */
function outgoingOf({ id, room, name, url, created_by, disabled_why, failing_since, last, delivered, dead }) {
  return {
    id: asText(id),
    room: asText(room) || null,
    name: asText(name),
    url: asText(url),
    by: asText(created_by),
    state: asText(disabled_why, "on"),
    fails: failing_since === null || failing_since === undefined ? "" : asText(last, "?"),
    delivered: asSeq(delivered),
    dead: asSeq(dead),
  };
}

/** @param {Data} one @returns {Answering} */
function answeringOf({ id, room, name, about, hint, bot, url }) {
  return { id: asText(id), room: asText(room), command: asText(name), about: asText(about), hint: asText(hint), name: asText(bot), url: asText(url) };
}

/** @param {Data} one @returns {Letter} */
function letterOf({ id, room, seq, at, tries, why }) {
  return { id: asText(id), room: asText(room), seq: asSeq(seq), at: asNumber(at), tries: asSeq(tries), why: asText(why) };
}

/** @param {Data} one @returns {BotToken} */
function tokenOf({ id, name, last_used_at, expires_at }) {
  return { id: asText(id), name: asText(name), usedAt: asNumber(last_used_at) || null, expiresAt: asNumber(expires_at) || null };
}

/** @param {Data} one @returns {Opened} */
function openedOf({ id, user, address, since, rooms, waiting_bytes }) {
  const names = Array.isArray(rooms) ? rooms.map((name) => asText(name)) : [];
  return { id: asText(id), user: asText(user), address: asText(address), since: asNumber(since), rooms: names, waits: asSeq(waiting_bytes) };
}
