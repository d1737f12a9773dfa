/**
 * What is done to rooms and to people in them, as requests: each is answered once. Who may
 * is the server's to decide; `may` of a room says beforehand what it would.
 */

import { ignoredOf, linksOf, reportsOf, sanctionsOf } from "./answers.js";
import { asText } from "./wire.js";

/** @import { Link, Report, Sanction } from "./answers.js" */
/** @import { Notify } from "./infos.js" */
/** @import { Answered } from "./questions.js" */
/** @import { Done } from "./requests.js" */
/** @import { Data } from "./wire.js" */
/** @typedef {{room: string, user: string, reason?: string, until?: number}} Against   until: milliseconds since 1970; none: until it is lifted */

export class Governing {
  /** @param {(type: string, data: object, done: Done) => void} ask */
  constructor(ask) {
    this.ask = ask;
  }

  /** @param {string} room @param {{slow_mode?: number, history?: string}} settings @param {Done} done */
  set(room, settings, done) {
    this.ask("room:update", { room, settings }, done);
  }

  /** Close *room* for writing, or open it again. @param {string} room @param {boolean} archived @param {Done} done */
  archive(room, archived, done) {
    this.ask("room:archive", { room, archived }, done);
  }

  /** Erase *room* with all that was said in it. @param {string} room @param {Done} done */
  delete(room, done) {
    this.ask("room:delete", { room }, done);
  }

  /** @param {string} room @param {string} user @param {string} role @param {Done} done */
  role(room, user, role, done) {
    this.ask("room:role", { room, user, role }, done);
  }

  /** @param {Against} against @param {Done} done */
  kick(against, done) {
    this.ask("room:kick", against, done);
  }

  /** @param {Against} against @param {Done} done */
  ban(against, done) {
    this.ask("room:ban", against, done);
  }

  /** @param {Against} against @param {Done} done */
  mute(against, done) {
    this.ask("room:mute", against, done);
  }

  /** Take a ban or a mute back. @param {"ban" | "mute"} kind @param {string} room @param {string} user @param {Done} done */
  lift(kind, room, user, done) {
    this.ask(kind === "ban" ? "room:unban" : "room:unmute", { room, user }, done);
  }

  /** Who is banned and muted, beyond *after*: user and kind of the last one that is known. @param {string} room @param {[string, string] | null} after @param {Answered<{sanctions: Sanction[], more: boolean}>} done */
  sanctions(room, after, done) {
    this.#read("room:sanctions", after === null ? { room } : { room, after }, sanctionsOf, done);
  }

  /** @param {string} room @param {string} user @param {Done} done */
  invite(room, user, done) {
    this.ask("room:invite", { room, user }, done);
  }

  /** Be notified of all that is said in *room*, of mentions, or of nothing. @param {string} room @param {Notify} notify @param {Done} done */
  notify(room, notify, done) {
    this.ask("room:notify", { room, notify }, done);
  }

  /** Keep *room* at the top of one's list, or no longer. @param {string} room @param {boolean} favourite @param {Done} done */
  favour(room, favourite, done) {
    this.ask("room:favourite", { room, favourite }, done);
  }

  /** Make a link that lets people in; its token is answered once. @param {{room: string, name?: string, uses?: number, expires_at?: number}} wanted @param {Answered<string>} done */
  link(wanted, done) {
    this.#read("room:link", wanted, (data) => asText(data.token), done);
  }

  /** @param {string} room @param {Answered<Link[]>} done */
  links(room, done) {
    this.#read("room:links", { room }, linksOf, done);
  }

  /** @param {string} room @param {string} link its id @param {Done} done */
  unlink(room, link, done) {
    this.ask("room:unlink", { room, link }, done);
  }

  /** Become a member by a link: which room it leads to. @param {string} token @param {Answered<string>} done */
  follow(token, done) {
    this.#read("room:accept", { token }, (data) => asText(data.room), done);
  }

  /** The one room of oneself and *users*, made at first use. @param {string[]} users @param {Answered<string>} done */
  direct(users, done) {
    this.#read("room:direct", { users }, (data) => asText(data.room), done);
  }

  /** @param {string} room @param {number} target @param {string} reason @param {Done} done */
  report(room, target, reason, done) {
    this.ask("message:report", { room, target, reason }, done);
  }

  /** What was reported in *room* and is open, beyond *after*: the id of the last one that is known. @param {string} room @param {string} after @param {Answered<{reports: Report[], more: boolean}>} done */
  reports(room, after, done) {
    this.#read("reports", after === "" ? { room } : { room, after }, reportsOf, done);
  }

  /** @param {string} report its id @param {"resolved" | "dismissed"} outcome @param {Done} done */
  close(report, outcome, done) {
    this.ask("report:close", { report, outcome }, done);
  }

  /** Ignore *user*, or no longer. @param {string} user @param {boolean} ignored @param {Done} done */
  ignore(user, ignored, done) {
    this.ask(ignored ? "user:ignore" : "user:unignore", { user }, done);
  }

  /** Whom one ignores. @param {Answered<{id: string, name: string}[]>} done */
  ignored(done) {
    this.#read("user:ignored", {}, ignoredOf, done);
  }

  /**
   * @template T
   * @param {string} type @param {object} data @param {(data: Data) => T} read @param {Answered<T>} done
   */
  #read(type, data, read, done) {
    this.ask(type, data, (refusal, answer) => done(refusal, read(answer?.data ?? {})));
  }
}
