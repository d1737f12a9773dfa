/**
 * What has to stand before anything is drawn: the language, the theme, the size of the text.
 * A classic script, since modules wait for the whole document, and the page would flash; and a
 * file, since the policy allows no script inside of it. It draws nothing and asks nobody.
 *
 * What a person chose is in the storage of the browser, for all who use it: at the door nobody
 * is known yet. `looks.js` writes it; here it is only read, and nothing in it is trusted.
 */

(() => {
  const KEPT = "conclave.looks";
  /** The first is for whom none of them fits. */
  const LANGUAGES = ["en", "de", "ar"];
  const FROM_RIGHT = ["ar"];
  const root = document.documentElement;
  const from = /** @type {HTMLScriptElement} */ (document.currentScript);

  /** @returns {Record<string, unknown>} */
  function kept() {
    try {
      const found = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
      return typeof found === "object" && found !== null ? found : {};
    } catch {
      return {};
    }
  }

  /** @param {unknown} chosen */
  function language(chosen) {
    const wanted = [String(chosen), ...navigator.languages.map((tag) => tag.split("-")[0] ?? "")];
    return wanted.find((tag) => LANGUAGES.includes(tag)) ?? "en";
  }

  /** Set `data-…` to one of *allowed*, or take it away. @param {string} name @param {unknown} value @param {string[]} allowed */
  function mark(name, value, allowed) {
    if (allowed.includes(String(value))) root.dataset[name] = String(value);
    else delete root.dataset[name];
  }

  const contrast = matchMedia("(prefers-contrast: more)");
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  function show() {
    const looks = kept();
    mark("theme", looks.theme, ["light", "dark"]);
    mark("size", looks.size, ["large", "larger", "largest"]);
    mark("contrast", contrast.matches ? "more" : looks.contrast, ["more"]);
    mark("motion", still.matches ? "less" : looks.motion, ["less"]);
  }

  // The language stays as it was drawn; all else follows the system, this tab and the others.
  root.lang = language(kept().language);
  root.dir = FROM_RIGHT.includes(root.lang) ? "rtl" : "ltr";
  show();
  for (const query of [contrast, still]) query.addEventListener("change", show);
  addEventListener("storage", ({ key }) => key === KEPT && show());
  addEventListener("looks", show);

  // The sentences are asked for with the modules, not after them.
  for (const name of (from.dataset.words ?? "").split(" ")) {
    const link = document.createElement("link");
    link.rel = "modulepreload";
    link.href = new URL(`words/${root.lang}/${name}.js`, from.src).href;
    document.head.append(link);
  }
})();
