/** What is said of slash commands, in the language of the page: fetched with the first «/». */

import { LANGUAGE } from "./words.js";

/** @typedef {typeof import("./words/en/slash.js")} Sentences */

const LANGUAGES = /** @satisfies {Record<string, () => Promise<Sentences>>} */ ({
  en: () => import("./words/en/slash.js"),
  de: () => import("./words/de/slash.js"),
  ar: () => import("./words/ar/slash.js"),
});

export const { slash } = await LANGUAGES[LANGUAGE]();
