/**
 * How a language says numbers, lists and moments, by `Intl`. No sentences: those are in the
 * folder of each language.
 */

/**
 * The person's own kind of *language*, as the browser says it: «de-AT» says «Jänner», and
 * «ar-EG» has digits of its own.
 *
 * @param {string} language
 */
export function localeOf(language) {
  const wanted = globalThis.navigator?.languages ?? [];
  return wanted.find((tag) => tag === language || tag.startsWith(`${language}-`)) ?? language;
}

/** @param {string} language */
export function speechOf(language) {
  const locale = localeOf(language);
  const plurals = new Intl.PluralRules(locale);
  return {
    numbers: new Intl.NumberFormat(locale),
    list: new Intl.ListFormat(locale, { style: "long", type: "conjunction" }),
    /** Which of the language's plural forms *n* takes. @param {number} n */
    form: (n) => plurals.select(n),
  };
}
