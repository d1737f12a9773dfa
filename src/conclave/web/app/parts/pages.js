/** A list that is read page by page, and anew for another search, or when something of it is another. */

import { useEffect, useRef, useState } from "../../vendor/preact-hooks.js";

/**
 * `next` reads one page more; `again` reads anew as much as is shown.
 *
 * @template T
 * @param {(query: string, after: string) => Promise<{refusal: {code: string} | null, found: {list: T[], more: boolean}}>} read
 * @param {(one: T) => string} keyOf   what the next page is asked for after
 * @param {unknown[]} [of]             what it is read anew for
 */
export function usePages(read, keyOf, of = []) {
  const [list, setList] = useState(/** @type {T[] | null} */ (null));
  const [more, setMore] = useState(false);
  const [refused, setRefused] = useState(/** @type {string | null} */ (null));
  const [reading, setReading] = useState(false);
  const turn = useRef(0);
  const query = useRef("");
  const shown = useRef(/** @type {T[]} */ ([]));
  /** Read on after *before*, until there are *least* or no more. @param {T[]} before @param {number} least */
  const ask = async (before, least) => {
    const mine = (turn.current += 1);
    setReading(true);
    let all = before;
    let goesOn = true;
    do {
      const last = all.at(-1);
      const { refusal, found } = await read(query.current, last === undefined ? "" : keyOf(last));
      if (mine !== turn.current) return;
      setRefused(refusal?.code ?? null);
      if (refusal !== null) return setReading(false);
      all = [...all, ...found.list];
      goesOn = found.more && found.list.length > 0;
    } while (goesOn && all.length < least);
    shown.current = all;
    setReading(false);
    setList(all);
    setMore(goesOn);
  };
  useEffect(() => {
    void ask([], shown.current.length);
    return () => void (turn.current += 1);
  }, of);
  /** @param {string} text */
  const find = (text) => {
    query.current = text;
    shown.current = [];
    void ask([], 0);
  };
  const next = () => {
    if (shown.current.length > 0 && !reading) void ask(shown.current, shown.current.length + 1);
  };
  return { list, more, refused, reading, find, next, again: () => void ask([], shown.current.length) };
}
