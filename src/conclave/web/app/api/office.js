/** The office of an admin over HTTP: people, invitations, rooms, reports, the audit log, the server. */

import { asNumber, asSeq, asText, isData } from "../../client/wire.js";
import { linksOf, reportsOf } from "../../client/answers.js";
import { listOf } from "./http.js";

/** @import { Link, Report } from "../../client/answers.js" */
/** @import { Refusal } from "../../client/requests.js" */
/** @import { Data } from "../../client/wire.js" */
/** @import { Answer, Http } from "./http.js" */
/** @import { Told } from "./own.js" */
/**
 * @typedef {object} OfficePerson
 * @property {string} id
 * @property {string} name
 * @property {string} displayName
 * @property {string} role
 * @property {boolean} active
 * @property {number} createdAt
 * @property {number | null} seenAt
 * @property {boolean} hasFactor
 * @property {boolean} here      kept by this server, and no other system
 * @typedef {{room: string, title: string, kind: string, members: number, owners: string[], lastSeq: number, archived: boolean, reports: number}} OfficeRoom
 * @typedef {{id: number, at: number, actor: string, action: string, target: string, room: string, address: string, details: [string, string][]}} AuditLine
 * @typedef {{actor?: string, target?: string, action?: string, room?: string, before?: number}} AuditQuery
 * @typedef {{part: number, over: boolean, messages: number, failed: string}} Erasure   part: of the whole, 0 to 1
 * @typedef {{name: string, value: string}} Fact
 * @typedef {{facts: Fact[], limits: Fact[], problems: string[]}} ServerSaid
 */

/** @template T @typedef {{list: T[], more: boolean, after: string | null}} Paged */

export class OfficeApi {
  /** @param {Http} http */
  constructor(http) {
    this.http = http;
  }

  /** Show that one is there: for some minutes it is not asked again. @param {string} password */
  async confirm(password) {
    return (await this.http.post("me/confirm", { password })).refusal;
  }

  /** @param {string} query @param {string} after @returns {Promise<Told<Paged<OfficePerson>>>} */
  async people(query, after) {
    return told(await this.http.get(`admin/users${queryOf({ query, after })}`), (data) => paged(data, "users", personOf));
  }

  /** @param {string} after @returns {Promise<Told<Paged<OfficePerson>>>} */
  async bots(after) {
    return told(await this.http.get(`admin/bots${queryOf({ after })}`), (data) => paged(data, "users", personOf));
  }

  /** Make an account without a password: its owner gets a reset link. @param {{name: string, display_name?: string, role: string}} wanted */
  async makePerson(wanted) {
    return told(await this.http.post("admin/users", wanted), personOf);
  }

  /** @param {string} id @param {{role?: string, active?: boolean, display_name?: string}} change */
  async changePerson(id, change) {
    return (await this.http.patch(`admin/users/${encodeURIComponent(id)}`, change)).refusal;
  }

  /** A link by which its owner sets a new password; its secret is answered once. @param {string} id @returns {Promise<Told<string>>} */
  async resetLink(id) {
    return told(await this.http.post(`admin/users/${encodeURIComponent(id)}/reset`), ({ token }) => asText(token));
  }

  /** Sign a person out everywhere. @param {string} id */
  async signOut(id) {
    return (await this.http.delete(`admin/users/${encodeURIComponent(id)}/sessions`)).refusal;
  }

  /** Take a person's second factors away: they lost them. @param {string} id */
  async dropFactors(id) {
    return (await this.http.delete(`admin/users/${encodeURIComponent(id)}/factors`)).refusal;
  }

  /** Begin to erase a person: by what to ask how far it is. @param {string} id @returns {Promise<Told<string>>} */
  async erase(id) {
    return told(await this.http.delete(`admin/users/${encodeURIComponent(id)}`), ({ errand }) => asText(errand));
  }

  /** @param {string} errand @returns {Promise<Told<Erasure>>} */
  async erasure(errand) {
    return told(await this.http.get(`admin/erasures/${encodeURIComponent(errand)}`), erasureOf);
  }

  /** @returns {Promise<Told<Link[]>>} */
  async links() {
    return told(await this.http.get("admin/links"), linksOf);
  }

  /** Its secret is answered once. @param {{name: string, role: string, uses: number | null, days: number | null, room: string | null}} wanted @returns {Promise<Told<string>>} */
  async makeLink(wanted) {
    return told(await this.http.post("admin/links", wanted), ({ token }) => asText(token));
  }

  /** @param {string} id */
  async revokeLink(id) {
    return (await this.http.delete(`admin/links/${encodeURIComponent(id)}`)).refusal;
  }

  /** @param {string} query @param {string} after @returns {Promise<Told<Paged<OfficeRoom>>>} */
  async rooms(query, after) {
    return told(await this.http.get(`admin/rooms${queryOf({ query, after })}`), (data) => paged(data, "rooms", roomOf));
  }

  /** @param {string} room @param {boolean} archived */
  async archive(room, archived) {
    return (await this.http.patch(`admin/rooms/${encodeURIComponent(room)}`, { archived })).refusal;
  }

  /** Make *user* an owner of *room*. @param {string} room @param {string} user */
  async addOwner(room, user) {
    return (await this.http.post("admin/owners", { room, user })).refusal;
  }

  /** @param {string} room */
  async deleteRoom(room) {
    return (await this.http.delete(`admin/rooms/${encodeURIComponent(room)}`)).refusal;
  }

  /** Those that are open, the oldest first. @param {string} after @returns {Promise<Told<{list: Report[], more: boolean}>>} */
  async reports(after) {
    return told(await this.http.get(`admin/reports${queryOf({ after })}`), (data) => {
      const { reports, more } = reportsOf(data);
      return { list: reports, more };
    });
  }

  /** @param {string} id @param {"resolved" | "dismissed"} outcome */
  async closeReport(id, outcome) {
    return (await this.http.post(`admin/reports/${encodeURIComponent(id)}/close`, { outcome })).refusal;
  }

  /** @param {AuditQuery} query @returns {Promise<Told<{list: AuditLine[], more: boolean}>>} */
  async audit(query) {
    return told(await this.http.get(`admin/audit${queryOf(query)}`), (data) => ({ list: listOf(data, "lines").map(lineOf), more: data.more === true }));
  }

  /** What the server says of itself. @returns {Promise<Told<ServerSaid>>} */
  async server() {
    return told(await this.http.get("admin/server"), factsOf);
  }
}

/** @template T @param {Answer} answer @param {(data: Data) => T} read @returns {{refusal: Refusal | null, found: T}} */
const told = ({ refusal, data }, read) => ({ refusal, found: read(data) });

/** @param {Record<string, string | number | undefined>} given */
function queryOf(given) {
  const pairs = Object.entries(given).filter(([, value]) => value !== undefined && value !== "");
  const query = new URLSearchParams(pairs.map(([key, value]) => [key, String(value)])).toString();
  return query === "" ? "" : `?${query}`;
}

/** @template T @param {Data} data @param {string} name @param {(one: Data) => T} read @returns {Paged<T>} */
function paged(data, name, read) {
  return { list: listOf(data, name).map(read), more: data.more === true, after: asText(data.after) || null };
}

/** @param {Data} one @returns {OfficePerson} */
function personOf(one) {
  return {
    id: asText(one.id),
    name: asText(one.name),
    displayName: asText(one.display_name) || asText(one.name),
    role: asText(one.role, "user"),
    active: one.active !== false,
    createdAt: asNumber(one.created_at),
    seenAt: asNumber(one.last_used_at) || null,
    hasFactor: one.second_factor === true,
    here: one.account !== false,
  };
}

/** @param {Data} one @returns {Erasure} */
function erasureOf({ done, of, over, result, failed }) {
  const whole = asNumber(of);
  return { part: whole > 0 ? Math.min(1, asNumber(done) / whole) : 0, over: over === true, messages: isData(result) ? asSeq(result.messages) : 0, failed: asText(failed) };
}

/** @param {Data} one @returns {OfficeRoom} */
function roomOf(one) {
  const { room, title, kind, members, owners, last_seq, archived, reports } = one;
  return {
    room: asText(room),
    title: asText(title) || asText(room),
    kind: asText(kind, "public"),
    members: asSeq(members),
    owners: Array.isArray(owners) ? owners.map((id) => asText(id)) : [],
    lastSeq: asSeq(last_seq),
    archived: archived === true,
    reports: asSeq(reports),
  };
}

/** @param {Data} one @returns {AuditLine} */
function lineOf({ id, at, actor, action, target, room, address, details }) {
  const said = isData(details) ? Object.entries(details) : [];
  return {
    id: asSeq(id),
    at: asNumber(at),
    actor: asText(actor),
    action: asText(action),
    target: asText(target),
    room: asText(room),
    address: asText(address),
    details: said.map(([name, value]) => [name, typeof value === "number" ? String(value) : asText(value)]),
  };
}

/** @param {Data} data @returns {ServerSaid} */
function factsOf({ counts, limits, problems, pushes, now, started_at, ...flat }) {
  const runs = typeof now === "number" && typeof started_at === "number" ? { uptime_s: (now - started_at) / 1_000 } : {};
  return {
    facts: plain({ ...flat, ...runs, ...(isData(counts) ? counts : {}), ...pushesOf(pushes) }),
    limits: plain(isData(limits) ? limits : {}),
    problems: Array.isArray(problems) ? problems.map((one) => asText(one)) : [],
  };
}

/** By names of their own beside all others. @param {unknown} pushes */
const pushesOf = (pushes) => Object.fromEntries(Object.entries(isData(pushes) ? pushes : {}).map(([name, n]) => [`pushes_${name}`, n]));

/** @param {Data} data @returns {Fact[]} */
function plain(data) {
  const kinds = ["string", "number", "boolean"];
  const said = Object.entries(data).filter(([, value]) => kinds.includes(typeof value));
  return said.map(([name, value]) => ({ name, value: String(value) }));
}
