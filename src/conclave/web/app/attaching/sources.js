/**
 * Where a browser gets what is attached: from its address, where a cookie opens it; else fetched
 * with the tab's token and shown from memory. Of these only so many are kept.
 */

import { useEffect, useState } from "../../vendor/preact-hooks.js";
import { filesOf } from "./trays.js";

/** @import { Page } from "../page.js" */
/** @typedef {{url: string | null | undefined, again: () => void}} Source   url: null: it does not come; undefined: not yet */

const MOST_KEPT = 100;

/** What was fetched by whom; null where it did not come. @type {Map<string, string | null>} */
const kept = new Map();

/** @param {Page} page @param {string} id @param {boolean} small */
const keyOf = ({ of }, id, small) => `${of} ${id}${small ? " small" : ""}`;

/** @param {string} key @param {string | null} url */
function keep(key, url) {
  kept.set(key, url);
  const [oldest] = kept.keys();
  if (kept.size <= MOST_KEPT || oldest === undefined) return;
  const gone = kept.get(oldest);
  // What shows it has read it already.
  if (gone) URL.revokeObjectURL(gone);
  kept.delete(oldest);
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
  const url = kept.get(key);
  useEffect(() => {
    if (direct || !wanted || url !== undefined) return undefined;
    // It came between the drawing and now, to somebody else.
    if (kept.has(key)) return setTurn((n) => n + 1);
    const ended = new AbortController();
    filesOf(page)
      .fetch(id, { thumbnail: small, signal: ended.signal })
      .then((blob) => keep(key, URL.createObjectURL(blob)), () => ended.signal.aborted || keep(key, null))
      .finally(() => ended.signal.aborted || setTurn((n) => n + 1));
    return () => ended.abort();
  }, [key, direct, wanted, turn]);
  const again = () => {
    kept.delete(key);
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
