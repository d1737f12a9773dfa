/**
 * Reading a room's log page by page: what lies before the window, a thread, the pinned
 * lines, the lines around a number, and lines that are quoted.
 *
 * What is open is asked for again when the connection or its answer was lost.
 */

import { waitAtLeast } from "./backoff.js";
import { RETRYABLE } from "./codes.js";
import { LOST } from "./requests.js";
import { historyOf } from "./wire.js";

/** @import { Excerpt } from "./excerpt.js" */
/** @import { Done, Refusal } from "./requests.js" */
/** @import { Room } from "./room.js" */
/** @import { History } from "./wire.js" */

/** Waits after a refusal for now are those of a third attempt, some seconds at most. */
const LATER_TRIES = 3;
/** Full jitter may mean at once, which is too soon for a server that just said no. */
const SHORTEST_WAIT_MS = 100;

export class Pages {
  /**
   * @param {object} around
   * @param {(type: string, data: object, done: Done) => void} around.ask
   * @param {() => number} around.now
   * @param {() => number} around.random
   * @param {(name: string) => Room | undefined} around.room   the rooms one is in here
   */
  constructor(around) {
    this.around = around;
  }

  /** Read before the first line that is shown of *room*. @param {string} room */
  readOlder(room) {
    this.#at(room, (found) => this.#older(found));
  }

  /** Read after the last line of what is open in place of the log. @param {string} room */
  readNewer(room) {
    this.#at(room, (found) => this.#newer(found));
  }

  /** Open the lines around *seq* in place of the log, if the log does not show it. @param {string} room @param {number} seq */
  readAround(room, seq) {
    this.#at(room, (found) => {
      found.around = found.log.line(seq) === null ? found.excerpt({ around: seq }) : null;
    });
  }

  /** @param {string} room */
  closeAround(room) {
    this.#at(room, (found) => (found.around = null));
  }

  /** Open the thread that began with *root* beside the log. @param {string} room @param {number} root */
  readThread(room, root) {
    this.#at(room, (found) => (found.thread = found.excerpt({ thread: root })));
  }

  /** @param {string} room */
  closeThread(room) {
    this.#at(room, (found) => (found.thread = null));
  }

  /** Open the pinned messages of *room*. @param {string} room */
  readPinned(room) {
    this.#at(room, (found) => (found.pinned = found.excerpt({ pinned: true })));
  }

  /** @param {string} room */
  closePinned(room) {
    this.#at(room, (found) => (found.pinned = null));
  }

  /** The line *seq*, wherever it is known; else it is asked for: see `Quotes.want`. @param {string} room @param {number} seq */
  quoteOf(room, seq) {
    const found = this.around.room(room);
    const line = found?.line(seq) ?? found?.quotes.want(seq);
    if (found !== undefined && line === undefined) this.renew(found);
    return line;
  }

  /** @param {string} name @param {(room: Room) => void} what */
  #at(name, what) {
    const room = this.around.room(name);
    if (room === undefined) return;
    what(room);
    this.renew(room);
  }

  /** Ask for what is open and not known, and for what is quoted. @param {Room} room */
  renew(room) {
    if (!room.mayRead) return;
    for (const part of room.excerpts) if (part.stale && !part.reading) this.#open(room, part);
    this.#quote(room);
  }

  /** @param {Room} room */
  #older(room) {
    const part = room.around ?? room.log;
    const first = part.lines[0]?.seq;
    if (!room.mayReadOlder || first === undefined) return;
    const take = (/** @type {History} */ page) => {
      // What was begun anew meanwhile has another first line.
      if (part.lines[0]?.seq === first) part.before(page);
    };
    this.#ask(room, part, { before: first }, take, () => {
      part.olderLeft = false;
    });
  }

  /** @param {Room} room */
  #newer(room) {
    const { around } = room;
    const last = around?.lines.at(-1)?.seq;
    if (around === null || !room.mayReadNewer || last === undefined) return;
    const take = (/** @type {History} */ page) => {
      around.after(page);
      meet(room);
    };
    this.#ask(room, around, { after: last }, take, () => {
      around.newerLeft = false;
    });
  }

  /** @param {Room} room @param {Excerpt} part */
  #open(room, part) {
    const take = (/** @type {History} */ page) => {
      part.begin(page);
      meet(room);
    };
    this.#ask(room, part, part.question, take, (refusal) => {
      part.stale = false;
      part.refusal = refusal?.code ?? "internal";
    });
  }

  /** @param {Room} room */
  #quote(room) {
    const { quotes } = room;
    const seq = quotes.next;
    if (seq === undefined || quotes.reading) return;
    const take = (/** @type {History} */ page) => {
      quotes.answered(seq, page);
      this.#quote(room);
    };
    this.#ask(room, quotes, { around: seq, limit: 1 }, take, () => quotes.refused(seq));
  }

  /**
   * @param {Room} room
   * @param {{reading: boolean}} part    what is asked for
   * @param {object} question
   * @param {(page: History) => void} take
   * @param {(refusal: Refusal | null) => void} refuse   for good
   */
  #ask(room, part, question, take, refuse) {
    part.reading = true;
    this.around.ask("get:history", { room: room.name, ...question }, (refusal, answer) => {
      part.reading = false;
      const page = answer && historyOf(answer.data);
      // A page of another history says nothing of this one.
      if (page) return page.epoch === room.log.epoch && take(page);
      if (refusal === LOST) return;
      if (refusal !== null && RETRYABLE.has(refusal.code)) room.readAfter = this.#later(refusal);
      else refuse(refusal);
    });
  }

  /** @param {Refusal} refusal */
  #later({ retryAfterMs }) {
    const { now, random } = this.around;
    return now() + SHORTEST_WAIT_MS + waitAtLeast(LATER_TRIES, retryAfterMs ?? 0, random);
  }
}

/** Where the lines around a number reach the log's, both are one. @param {Room} room */
function meet(room) {
  const { around, log } = room;
  const first = log.lines[0];
  if (around === null || first === undefined) return;
  const last = around.lines.at(-1);
  if (around.newerLeft && (last === undefined || last.seq < first.seq)) return;
  log.join(around.lines, around.olderLeft);
  room.around = null;
}
