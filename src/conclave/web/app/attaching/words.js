/** What is said of files, in the language of the page: fetched by what is lazy itself. */

import { LANGUAGE } from "../words.js";

/** @typedef {typeof import("../words/en/attaching.js")} Sentences */

const LANGUAGES = /** @satisfies {Record<string, () => Promise<Sentences>>} */ ({
  en: () => import("../words/en/attaching.js"),
  de: () => import("../words/de/attaching.js"),
  ar: () => import("../words/ar/attaching.js"),
});

export const { attaching } = await LANGUAGES[LANGUAGE]();
