/** A request under way from a component: one at a time, with what came of it. */

import { useEffect, useRef, useState } from "../../vendor/preact-hooks.js";

/** `run` a request that resolves with what went wrong, "" if nothing. */
export function useAsking() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const here = useRef(true);
  useEffect(() => () => void (here.current = false), []);
  /** @param {() => Promise<string>} what */
  const run = async (what) => {
    if (busy) return;
    setBusy(true);
    setError("");
    const wrong = await what();
    if (!here.current) return;
    setBusy(false);
    setError(wrong);
  };
  return { busy, error, run };
}

/**
 * What `read` gives, read when the component comes and whenever *again* is called; null
 * until it is there.
 *
 * @template T
 * @param {() => Promise<{refusal: {code: string} | null, found: T}>} read @param {unknown[]} [of]
 */
export function useFound(read, of = []) {
  const [found, setFound] = useState(/** @type {T | null} */ (null));
  const [refused, setRefused] = useState(/** @type {string | null} */ (null));
  const turn = useRef(0);
  const again = () => {
    const mine = (turn.current += 1);
    read().then(({ refusal, found: now }) => {
      if (mine !== turn.current) return;
      setRefused(refusal?.code ?? null);
      if (refusal === null) setFound(() => now);
    });
  };
  useEffect(() => {
    again();
    return () => void (turn.current += 1);
  }, of);
  return { found, refused, again };
}
