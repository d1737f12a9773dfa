/**
 * All emoji: those often used at once, the others by kind or by name as soon as their list is
 * there. One key stop for the grid, arrows within it; letters typed there go to the field.
 */

import { useEffect, useRef, useState } from "../../vendor/preact-hooks.js";
import { allEmoji, found, toned } from "../emoji.js";
import { html } from "../html.js";
import { sheet } from "../sheet.js";
import { LANGUAGE, words } from "../words.js";
import { EmojiGrid } from "./EmojiGrid.js";
import { Kinds, Tones } from "./EmojiKinds.js";

/** @import { Group } from "../emoji.js" */
/** @import { Keeping } from "../keeping.js" */
/** @import { Cell } from "./EmojiGrid.js" */

await sheet("emoji");
/** @typedef {keyof typeof words.emoji.groups} Kind */

const MOST_FOUND = 160;
const LOOKS_LIKE_ONE = /\p{Extended_Pictographic}|\p{Regional_Indicator}/u;

/** @param {{keeping: Keeping, mine: Set<string>, onChoose: (emoji: string) => void}} given */
export function EmojiBoard({ keeping, mine, onChoose }) {
  const { groups, lacking, again } = useEmoji();
  const [query, setQuery] = useState("");
  const [kind, setKind] = useState(/** @type {Kind} */ ("recent"));
  const [{ tone, recent }, setKept] = useState(keeping.emoji);
  /** @type {{current: HTMLElement | null}} */
  const grid = useRef(null);
  const wanted = query.trim();
  const cells = wanted === "" ? ofKind(groups, kind, tone, recent) : ofQuery(groups ?? [], wanted, tone);
  /** @param {{tone?: number, recent?: string[]}} now */
  const keep = (now) => {
    const kept = { ...keeping.emoji, ...now };
    keeping.emoji = kept;
    setKept(kept);
  };
  /** @param {string} emoji */
  const choose = (emoji) => {
    keep({ recent: [emoji, ...recent.filter((one) => one !== emoji)] });
    onChoose(emoji);
  };
  /** @param {KeyboardEvent} event */
  const onKey = (event) => {
    const first = cells[0];
    if (event.key === "ArrowDown") /** @type {HTMLElement | null} */ (grid.current?.querySelector("[tabindex='0']"))?.focus();
    else if (event.key === "Enter" && !event.isComposing && first !== undefined && wanted !== "") choose(first.emoji);
    else return;
    event.preventDefault();
  };
  return html`<input
      class="emoji-query"
      type="search"
      dir="auto"
      maxlength="64"
      autocomplete="off"
      aria-label=${words.emoji.search}
      placeholder=${words.emoji.search}
      value=${query}
      onInput=${(/** @type {{currentTarget: HTMLInputElement}} */ { currentTarget }) => setQuery(currentTarget.value)}
      onKeyDown=${onKey}
    />
    <${Kinds} kind=${wanted === "" ? kind : null} onChoose=${(/** @type {Kind} */ now) => (setQuery(""), setKind(now))} />
    <div class="emoji-scroll" ref=${grid}>
      <${EmojiGrid} key=${`${kind} ${wanted}`} cells=${cells} mine=${mine} label=${wanted === "" ? words.emoji.groups[kind] : wanted} onChoose=${choose} />
      <p class="emoji-said meta" role="status">${lacking ? words.emoji.lacking : wanted !== "" && groups !== null && (cells.length === 0 ? words.emoji.none(wanted) : html`<span class="unseen">${words.emoji.found(cells.length)}</span>`)}</p>
      ${lacking && html`<button class="button" type="button" onClick=${again}>${words.emoji.again}</button>`}
    </div>
    <${Tones} tone=${tone} onChoose=${(/** @type {number} */ now) => keep({ tone: now })} />`;
}

/** The list of emoji once it is there. */
function useEmoji() {
  const [groups, setGroups] = useState(/** @type {Group[] | null} */ (null));
  const [lacking, setLacking] = useState(false);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let gone = false;
    setLacking(false);
    allEmoji(LANGUAGE).then(
      (all) => !gone && setGroups(all),
      () => !gone && setLacking(true),
    );
    return () => void (gone = true);
  }, [turn]);
  return { groups, lacking, again: () => setTurn(turn + 1) };
}

/** @param {Group[] | null} groups @param {Kind} kind @param {number} tone @param {string[]} recent @returns {Cell[]} */
function ofKind(groups, kind, tone, recent) {
  if (kind !== "recent") return inTone(groups?.find(({ name }) => name === kind)?.emoji ?? [], tone);
  /** @type {Map<string, string>} */
  const names = new Map(words.reactions.common.map(([emoji = "", name = ""]) => [emoji, name]));
  const known = new Map((groups ?? []).flatMap(({ emoji }) => emoji).map((one) => [one.emoji, one.name]));
  const plain = (/** @type {string} */ emoji) => emoji.replace(/\p{Emoji_Modifier}/gu, "");
  return [...new Set([...recent, ...names.keys()])].map((emoji) => ({ emoji, name: names.get(emoji) ?? known.get(emoji) ?? known.get(plain(emoji)) ?? emoji }));
}

/** @param {Group[]} groups @param {string} wanted @param {number} tone @returns {Cell[]} */
function ofQuery(groups, wanted, tone) {
  const cells = inTone(found(groups, wanted, MOST_FOUND), tone);
  // One that was pasted, or that is newer than the list.
  return cells.length === 0 && LOOKS_LIKE_ONE.test(wanted) ? [{ emoji: wanted, name: wanted }] : cells;
}

/** @param {import("../emoji.js").Emoji[]} list @param {number} tone @returns {Cell[]} */
const inTone = (list, tone) => list.map(({ emoji, name, hasTones }) => ({ emoji: hasTones ? toned(emoji, tone) : emoji, name }));
