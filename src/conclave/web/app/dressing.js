/**
 * What a row that is drawn shows besides its own line: what it answers, whom it names,
 * whether it is marked. A row that shows the same as before is the same object, so that who
 * draws it can tell by identity.
 */

/** @import { Named } from "./mentions.js" */
/** @import { Entry } from "../client/wire.js" */
/** @import { Item } from "../client/items.js" */
/** @import { DayRow, FoldedRow, NewRow, NotedRow, Row, SaidRow, WaitingRow } from "./timeline.js" */
/**
 * @typedef {object} Beside
 * @property {boolean} marked       the one that the address names
 * @property {boolean} forMe        it mentions the reader
 * @property {Entry | null | undefined} quoted   what it answers; null: gone; undefined: not known yet
 * @property {number} replies       to the thread it begins, as far as they are known
 * @property {Named[]} named        whom it mentions
 * @property {boolean} ignored      its author is ignored, and it was not opened
 * @property {Item | null} change   a change of one's own that was not stored
 * @typedef {SaidRow & Beside} MessageRow
 * @typedef {WaitingRow & {quoted: Entry | null | undefined, named: Named[]}} PendingRow
 * @typedef {DayRow | NewRow | MessageRow | PendingRow | FoldedRow | NotedRow} Dressed
 *
 * @typedef {object} Around   what there is besides the lines
 * @property {string} me
 * @property {number | null} marked
 * @property {(seq: number) => Entry | null | undefined} quoteOf
 * @property {(ids: string[]) => Named[]} namesOf
 * @property {(seq: number) => Item | null} changeOf
 * @property {(seq: number) => number} repliesOf
 * @property {(entry: Entry) => boolean} [ignores]
 */

export class Dressing {
  constructor() {
    /** Key → what it was shown as last. @type {Map<string, Dressed>} */
    this.worn = new Map();
  }

  /** Dress the rows that are drawn; what is not drawn is forgotten. @param {Row[]} rows @param {Around} around */
  all(rows, around) {
    const before = this.worn;
    this.worn = new Map();
    return rows.map((row) => {
      const dressed = sameOr(dress(row, around), before.get(row.key));
      this.worn.set(row.key, dressed);
      return dressed;
    });
  }
}

/** @param {Row} row @param {Around} around @returns {Dressed} */
export function dress(row, around) {
  if (row.kind === "message") return { ...row, ...besides(row, around) };
  if (row.kind !== "pending") return row;
  const { replyTo, mentions } = row.item;
  return { ...row, quoted: replyTo === null ? null : around.quoteOf(replyTo), named: around.namesOf(mentions) };
}

/** @param {SaidRow} row @param {Around} around @returns {Beside} */
function besides({ entry, own }, { me, marked, quoteOf, namesOf, changeOf, repliesOf, ignores }) {
  return {
    ignored: ignores?.(entry) === true,
    marked: entry.seq === marked,
    forMe: entry.mentions.includes(me),
    quoted: entry.replyTo === null ? null : quoteOf(entry.replyTo),
    replies: repliesOf(entry.seq),
    named: namesOf(entry.mentions),
    change: own ? changeOf(entry.seq) : null,
  };
}

/** *was* where it shows the same: entries are replaced, never changed. @param {Dressed} row @param {Dressed | undefined} was @returns {Dressed} */
function sameOr(row, was) {
  if (was === undefined || was.kind !== row.kind || row === was) return row;
  const old = /** @type {Record<string, unknown>} */ (was);
  const now = /** @type {Record<string, unknown>} */ (row);
  for (const key in now) {
    if (now[key] !== old[key] && !(key === "named" && sameNames(row, was))) return row;
  }
  return was;
}

/** @param {Dressed} row @param {Dressed} was */
function sameNames(row, was) {
  if (!("named" in row && "named" in was) || row.named.length !== was.named.length) return false;
  return row.named.every(({ id, name }, n) => id === was.named[n]?.id && name === was.named[n]?.name);
}
