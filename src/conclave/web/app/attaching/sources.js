/**
 * Where a browser gets what is attached: from its address, where a cookie opens it; else fetched
 * with the tab's token and shown from memory. Of these only so much is kept, and nothing of what
 * somebody else has fetched.
 */

import { useEffect, useState } from "../../vendor/preact-hooks.js";
import { filesOf } from "./trays.js";

/** @import { Page } from "../page.js" */
/** @typedef {{url: string | null | undefined, again: () => void}} Source   url: null: it does not come; undefined: not yet */

const MOST_BYTES = 128 * 1024 * 1024;

/** What was fetched, the oldest first; null where it did not come. @type {Map<string, {url: string, size: number} | null>} */
const kept = new Map();
/** By whom. */
let user = "";

/** @param {Page} page @param {string} id @param {boolean} small */
function keyOf({ of }, id, small) {
  if (of !== user) for (const key of kept.keys()) drop(key);
  user = of;
  return small ? `${id} small` : id;
}

/** @param {string} key */
function drop(key) {
  const gone = kept.get(key);
  // What shows it has read it already.
  if (gone) URL.revokeObjectURL(gone.url);
  kept.delete(key);
}

/** @param {string} key @param {Blob | null} blob */
function keep(key, blob) {
  kept.set(key, blob && { url: URL.createObjectURL(blob), size: blob.size });
  let bytes = [...kept.values()].reduce((sum, one) => sum + (one?.size ?? 0), 0);
  for (const [oldest, one] of kept) {
    if (bytes <= MOST_BYTES || oldest === key) return;
    bytes -= one?.size ?? 0;
    drop(oldest);
  }
}

/** Where the browser gets it by itself. @param {Page} page @param {string} id @param {boolean} small */
const addressOf = ({ http }, id, small) => `${http.folder}attachments/${id}${small ? "/thumbnail" : ""}`;

/** Whether the browser may ask by itself. @param {Page} page */
export const byCookie = ({ http }) => http.bearer === "";

/** The source of what is attached, once it is *wanted*. @param {Page} page @param {string} id @param {boolean} small @param {boolean} [wanted] @returns {Source} */
export function useSource(page, id, small, wanted = true) {
  const [turn, setTurn] = useState(0);
  const key = keyOf(page, id, small);
  const direct = byCookie(page);
  const found = kept.get(key);
  const url = found && found.url;
  useEffect(() => {
    if (direct || !wanted || url !== undefined) return undefined;
    // It came between the drawing and now, to somebody else.
    if (kept.has(key)) return setTurn((n) => n + 1);
    const ended = new AbortController();
    filesOf(page)
      .fetch(id, { thumbnail: small, signal: ended.signal })
      .then((blob) => ended.signal.aborted || keep(key, blob), () => ended.signal.aborted || keep(key, null))
      .finally(() => ended.signal.aborted || setTurn((n) => n + 1));
    return () => ended.abort();
  }, [key, direct, wanted, url, turn]);
  const again = () => {
    drop(key);
    setTurn((n) => n + 1);
  };
  return { url: direct ? addressOf(page, id, small) : url, again };
}

/** Save what is attached under its name. @param {Page} page @param {string} id @param {string} name */
export async function save(page, id, name) {
  const url = URL.createObjectURL(await filesOf(page).fetch(id));
  const link = page.window.document.createElement("a");
  Object.assign(link, { href: url, download: name });
  link.click();
  page.window.setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
