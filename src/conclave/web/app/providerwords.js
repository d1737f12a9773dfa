/**
 * The other systems that one may sign in by, and the sentences about them in the language of the
 * page. They are fetched where a server has such systems, by what is lazy itself.
 */

import { asText, isData } from "../client/wire.js";
import { LANGUAGE } from "./words.js";

/** @typedef {typeof import("./words/en/providers.js")} Sentences */

const LANGUAGES = /** @satisfies {Record<string, () => Promise<Sentences>>} */ ({
  en: () => import("./words/en/providers.js"),
  de: () => import("./words/de/providers.js"),
  ar: () => import("./words/ar/providers.js"),
});

export const { providers } = await LANGUAGES[LANGUAGE]();

/** Those systems, as the operator has set them. @param {Document} document */
export function providersOf(document) {
  const found = JSON.parse(document.documentElement.dataset.providers ?? "[]");
  return Array.isArray(found) ? found.filter(isData).map(({ id, name }) => ({ id: asText(id), name: asText(name) })) : [];
}
