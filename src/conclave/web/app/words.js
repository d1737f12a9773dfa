/**
 * Every sentence the page says, in the language of the page: that of its `<html lang>`. Only
 * that language is loaded, before anything is drawn.
 *
 * The sentences are in `words/`, a folder a language, of the same files and the same names.
 */

import { localeOf } from "./words/speech.js";

/** @typedef {typeof import("./words/en/index.js")} Language */

/** What each is loaded by; a language with another shape than the English is an error of `tsc`. */
const LANGUAGES = /** @satisfies {Record<string, () => Promise<Language>>} */ ({
  en: () => import("./words/en/index.js"),
  de: () => import("./words/de/index.js"),
  ar: () => import("./words/ar/index.js"),
});

/** @param {string} wanted @returns {keyof typeof LANGUAGES} */
const known = (wanted) => (Object.hasOwn(LANGUAGES, wanted) ? /** @type {keyof typeof LANGUAGES} */ (wanted) : "en");

export const LANGUAGE = known(globalThis.document?.documentElement.lang ?? "en");
/** For `Intl`: the language, and the country if the browser says one. */
export const LOCALE = localeOf(LANGUAGE);
export const { words, REASONS } = await LANGUAGES[LANGUAGE]();
