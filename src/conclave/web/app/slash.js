/**
 * Slash commands, as the page asks them: which there are, what was asked, and the answers.
 *
 * It comes with the first «/». What was asked and not answered is asked again under its id when
 * the connection is back, as long as the server remembers that: a bot is asked once. No answer
 * is kept over a reload.
 */

import { asText, isData } from "../client/wire.js";
import { LOST } from "../client/requests.js";
import { slash as says } from "./slashwords.js";

/** @import { Page } from "./page.js" */
/** @import { Data } from "../client/wire.js" */
/** @import { Refusal } from "../client/requests.js" */
/** @import { Choice } from "./parts/Suggestions.js" */
/** @import { Desk } from "./writing.js" */
/** @typedef {{name: string, about: string, hint: string, by: string, here: boolean}} Command */
/**
 * @typedef {object} Asking   one command that was typed
 * @property {string} id      of the request
 * @property {Desk} desk
 * @property {string} text    as it was typed
 * @property {string} name
 * @property {number} until   may be asked again under its id, by the page's clock
 * @property {"asked" | "lost" | "answered" | "refused"} state
 * @property {string} by
 * @property {string} said
 * @property {Refusal | null} refusal
 */

const TYPED = /^\/([a-z0-9][a-z0-9_-]{0,31})(?:\s+([^]*))?$/i;
const BEGUN = /^\/([a-z0-9_-]{0,32})$/i;
const MOST_CHOICES = 6;
/** Of one room. */
const MOST_KEPT = 5;
/** The server keeps an answer for a minute. */
const AGAIN_MS = 45_000;
/** A list is read anew after so long: bots come and go. */
const FRESH_MS = 20_000;

export class Slash {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    /** @type {Asking[]} */
    this.asked = [];
    /** @type {Map<string, {list: Command[] | null, at: number}>} */
    this.known = new Map();
    this.of = "";
    this.label = says.list;
  }

  /** What is to be shown where one writes at *desk*. @param {Desk} desk */
  at({ room, thread }) {
    return this.asked.filter(({ desk }) => desk.room === room && desk.thread === thread);
  }

  /** The commands of *room*, as far as they are known; they are read if they may be others. @param {string} room */
  commandsOf(room) {
    const { page } = this;
    const known = this.known.get(room);
    if ((known === undefined || page.now - known.at > FRESH_MS) && page.client.isIn(room) && page.client.connection.ready) {
      this.known.set(room, { list: known?.list ?? null, at: page.now });
      page.driver.act((client) =>
        client.ask("command:list", { room }, (refusal, answer) => {
          if (refusal === null) this.known.set(room, { list: commandsOf(answer?.data ?? {}), at: page.now });
          page.changed();
        }),
      );
    }
    return known?.list ?? null;
  }

  /** What «/…» at the beginning of *text* may become. @param {string} room @param {string} text @param {number} caret @returns {Choice[]} */
  choices(room, text, caret) {
    const begun = BEGUN.exec(text.slice(0, caret))?.[1]?.toLowerCase();
    if (begun === undefined) return [];
    const fitting = (this.commandsOf(room) ?? []).filter(({ name }) => name.startsWith(begun));
    // Written to its end Enter asks it.
    return fitting.some(({ name }) => name === begun) ? [] : fitting.slice(0, MOST_CHOICES).map(choiceOf);
  }

  /** Ask what was *written* at *desk*; false: it is no command, but a message. @param {Desk} desk @param {string} written */
  ask(desk, written) {
    const [, name = "", text = ""] = TYPED.exec(written) ?? [];
    const wanted = name.toLowerCase();
    if (name === "" || this.commandsOf(desk.room)?.some((one) => one.name === wanted) === false) {
      this.#add({ ...this.#begin(desk, written, wanted), state: "refused", refusal: { code: "no_such_command", message: "", retryAfterMs: null } });
      return;
    }
    const asking = this.#begin(desk, written, wanted);
    this.#add(asking);
    this.#send(asking, text.trim());
  }

  /** @param {Asking} asking */
  dismiss(asking) {
    this.asked = this.asked.filter((one) => one !== asking);
    this.page.changed();
  }

  /** Ask once more what was refused. @param {Asking} asking */
  again(asking) {
    this.dismiss(asking);
    this.ask(asking.desk, asking.text);
  }

  /** Send it as the text it is. @param {Asking} asking */
  say(asking) {
    if (this.page.driver.act((client, now) => client.say(asking.desk.room, asking.text, now, { replyTo: null, thread: asking.desk.thread, mentions: [] })) === null) return;
    this.dismiss(asking);
  }

  /** The connection may be back: ask what was lost with it. */
  resume() {
    const { client, now } = this.page;
    for (const asking of this.asked.filter(({ state }) => state === "lost")) {
      if (now > asking.until) this.#refuse(asking, LOST);
      else if (client.connection.ready && client.isIn(asking.desk.room)) this.#send(asking, (TYPED.exec(asking.text)?.[2] ?? "").trim());
    }
  }

  /** @param {Desk} desk @param {string} text @param {string} name @returns {Asking} */
  #begin(desk, text, name) {
    const until = this.page.now + AGAIN_MS;
    return { id: this.page.client.requests.makeId(), desk, text, name, until, state: "asked", by: "", said: "", refusal: null };
  }

  /** @param {Asking} asking */
  #add(asking) {
    const mine = this.at(asking.desk);
    const gone = mine.slice(0, Math.max(0, mine.length + 1 - MOST_KEPT));
    this.asked = [...this.asked.filter((one) => !gone.includes(one)), asking];
    this.page.changed();
  }

  /** @param {Asking} asking @param {string} text */
  #send(asking, text) {
    const { id, desk, name } = asking;
    asking.state = "asked";
    this.page.driver.act((client) => {
      if (!client.connection.ready) return void (asking.state = "lost");
      // Under an id of its own, which `client.ask` would make anew.
      client.requests.waiting.set(id, (refusal, answer) => this.#heard(asking, refusal, answer?.data ?? {}));
      client.connection.send("command", { room: desk.room, name, text }, id);
    });
  }

  /** @param {Asking} asking @param {Refusal | null} refusal @param {Data} data */
  #heard(asking, refusal, data) {
    if (refusal === LOST || (refusal?.code === "not_in_room" && asking.state === "asked" && !this.page.client.isIn(asking.desk.room))) asking.state = "lost";
    else if (refusal !== null) this.#refuse(asking, refusal);
    else if (typeof data.text === "string") Object.assign(asking, { state: "answered", said: data.text, by: data.user === undefined ? "" : asText(data.user_name) });
    // It is a message now, which is seen where it stands.
    else this.asked = this.asked.filter((one) => one !== asking);
    this.page.changed();
  }

  /** @param {Asking} asking @param {Refusal} refusal */
  #refuse(asking, refusal) {
    Object.assign(asking, { state: "refused", refusal });
    if (refusal.code === "no_such_command") this.known.delete(asking.desk.room);
  }
}

/** @param {Command} command @returns {Choice} */
function choiceOf({ name, about, hint, by, here }) {
  return { id: `/${name}`, name: `/${name}${hint === "" ? "" : ` ${hint}`}`, emoji: "", text: `/${name}`, about: [about, by, here ? "" : says.away].filter(Boolean).join(" · ") };
}

/** @param {Data} data @returns {Command[]} */
function commandsOf(data) {
  const list = Array.isArray(data.commands) ? data.commands.filter(isData) : [];
  return list.map((one) => ({ name: asText(one.name), about: asText(one.about), hint: asText(one.hint), by: one.user === null ? "" : asText(one.user_name), here: one.here !== false })).filter(({ name }) => name !== "");
}
