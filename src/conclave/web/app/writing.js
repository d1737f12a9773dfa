/**
 * What is being written where: drafts, which message is answered, which one is changed.
 *
 * A place to write is a room or a thread of it. Drafts are kept over a reload; what one
 * answers or changes is not, and a draft is put aside, not lost, while one changes a message.
 */


/** @import { Driver } from "../client/driver.js" */
/** @import { Keeping } from "./keeping.js" */
/** @typedef {{room: string, thread: number | null}} Desk */
/** @typedef {{seq: number, was: string, text: string}} Change   was: the text before */

/** No room's name has a line break in it. @param {Desk} desk */
const keyOf = ({ room, thread }) => (thread === null ? room : `${room}\n${thread}`);

export class Writing {
  /** @param {Driver} driver @param {Keeping} keeping */
  constructor(driver, keeping) {
    this.driver = driver;
    this.keeping = keeping;
    this.drafts = keeping.drafts;
    /** The number of the message that is answered. @type {Map<string, number>} */
    this.answers = new Map();
    /** @type {Map<string, Change>} */
    this.changes = new Map();
    /** Until what was pasted before the trays are there is in one. @type {Promise<void> | null} */
    this.bringing = null;
  }

  /** Somebody else writes now, or nobody. */
  begin() {
    this.drafts = this.keeping.drafts;
    this.answers.clear();
    this.changes.clear();
  }

  /** What the field at *desk* shows. @param {Desk} desk */
  textOf(desk) {
    return this.changes.get(keyOf(desk))?.text ?? this.drafts.get(keyOf(desk)) ?? "";
  }

  /** @param {Desk} desk @param {string} text */
  write(desk, text) {
    const change = this.changes.get(keyOf(desk));
    if (change !== undefined) change.text = text;
    else this.#draft(keyOf(desk), text);
    const active = change === undefined && text.trim() !== "";
    this.driver.act((client, now) => client.typing(desk.room, active, now));
  }

  /** @param {Desk} desk */
  answerOf(desk) {
    return this.answers.get(keyOf(desk)) ?? null;
  }

  /** @param {Desk} desk @param {number | null} seq */
  answer(desk, seq) {
    if (seq === null) this.answers.delete(keyOf(desk));
    else this.answers.set(keyOf(desk), seq);
    this.changes.delete(keyOf(desk));
  }

  /** @param {Desk} desk */
  changeOf(desk) {
    return this.changes.get(keyOf(desk)) ?? null;
  }

  /** Change the message *seq*, or end doing so: the draft is there again. @param {Desk} desk @param {Change | null} change */
  change(desk, change) {
    if (change === null) this.changes.delete(keyOf(desk));
    else this.changes.set(keyOf(desk), change);
  }

  /** Send *text*, or store it as the change it is; whether it was taken. @param {Desk} desk @param {string} text @param {string[]} [mentions]   the ids of whom it names */
  say(desk, text, mentions = []) {
    const change = this.changeOf(desk);
    return change === null ? this.#send(desk, text, mentions) : this.#store(desk, change, text);
  }

  /** @param {Desk} desk @param {string} text @param {string[]} mentions */
  #send(desk, text, mentions) {
    const beside = { replyTo: this.answerOf(desk), thread: desk.thread, mentions };
    if (this.driver.act((client, now) => client.say(desk.room, text, now, beside)) === null) return false;
    this.answers.delete(keyOf(desk));
    this.write(desk, "");
    return true;
  }

  /** @param {Desk} desk @param {Change} change @param {string} text */
  #store(desk, { seq, was }, text) {
    const taken = text === was || this.driver.act((client, now) => client.edit(desk.room, seq, text, now)) !== null;
    if (taken) this.change(desk, null);
    return taken;
  }

  /** @param {string} key @param {string} text */
  #draft(key, text) {
    if (text === "") this.drafts.delete(key);
    else this.drafts.set(key, text);
    this.keeping.drafts = this.drafts;
  }
}
