/** A list that is read page by page, and anew for another search. */

import { useEffect, useRef, useState } from "../../vendor/preact-hooks.js";

/**
 * @template T
 * @param {(query: string, after: string) => Promise<{refusal: {code: string} | null, found: {list: T[], more: boolean, after: string | null}}>} read
 * @param {(one: T) => string} keyOf   what the next page is asked for after
 */
export function usePages(read, keyOf) {
  const [list, setList] = useState(/** @type {T[] | null} */ (null));
  const [more, setMore] = useState(false);
  const [refused, setRefused] = useState(/** @type {string | null} */ (null));
  const [reading, setReading] = useState(false);
  const turn = useRef(0);
  const query = useRef("");
  /** @param {T[]} before @param {string} after */
  const ask = async (before, after) => {
    const mine = (turn.current += 1);
    setReading(true);
    const { refusal, found } = await read(query.current, after);
    if (mine !== turn.current) return;
    setReading(false);
    setRefused(refusal?.code ?? null);
    if (refusal !== null) return;
    setList([...before, ...found.list]);
    setMore(found.more);
  };
  useEffect(() => {
    void ask([], "");
    return () => void (turn.current += 1);
  }, []);
  /** @param {string} text */
  const find = (text) => {
    query.current = text;
    void ask([], "");
  };
  const next = () => {
    const last = list?.at(-1);
    if (last !== undefined && !reading) void ask(list ?? [], keyOf(last));
  };
  return { list, more, refused, reading, find, next, again: () => void ask([], "") };
}
