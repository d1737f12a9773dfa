/** What is said of bots, webhooks and connections, in the language of the page: fetched where they are looked after. */

import { LANGUAGE } from "./words.js";

/** @typedef {typeof import("./words/en/programs.js")} Sentences */

const LANGUAGES = /** @satisfies {Record<string, () => Promise<Sentences>>} */ ({
  en: () => import("./words/en/programs.js"),
  de: () => import("./words/de/programs.js"),
  ar: () => import("./words/ar/programs.js"),
});

export const { programs } = await LANGUAGES[LANGUAGE]();
