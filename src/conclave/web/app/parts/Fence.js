/**
 * Code between fences, letter by letter as it was written. Its colours come when it is in
 * sight, with what tells them apart: a log without code loads nothing for it.
 */

import { useEffect, useRef, useState } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";
import { words } from "../words.js";
import { Aside } from "./Aside.js";
import { Icon } from "./Icon.js";

/** @import { Fence as Given } from "../markdown.js" */
/** @import { Piece } from "../highlighting.js" */

/** So long it says that it was copied. */
const SAID_MS = 3_000;

/** @param {{fence: Given, stop: number}} given */
export function Fence({ fence, stop }) {
  const { code, info, language } = fence;
  /** @type {{current: HTMLElement | null}} */
  const box = useRef(null);
  const pieces = useColours(box, code, language);
  return html`<div class="fence" ref=${box}>
    <div class="fence-head">
      ${info !== "" && html`<p class="fence-info meta" dir="auto">${info}</p>`}
      <${Copy} code=${code} stop=${stop} />
    </div>
    <${Aside} label=${words.text.code} class="fence-code">
      <pre dir="ltr"><code>${pieces === null ? code : pieces.map(({ text, kind }) => (kind === null ? text : html`<span class=${`code-${kind}`}>${text}</span>`))}</code></pre>
    <//>
  </div>`;
}

/** The pieces of *code* once it was in sight. @param {{current: HTMLElement | null}} box @param {string} code @param {string} language @returns {Piece[] | null} */
function useColours(box, code, language) {
  const [found, setFound] = useState(/** @type {{code: string, pieces: Piece[] | null} | null} */ (null));
  useEffect(() => {
    if (language === "" || box.current === null) return undefined;
    let gone = false;
    const sight = new IntersectionObserver(async (seen) => {
      if (!seen.some(({ isIntersecting }) => isIntersecting)) return;
      sight.disconnect();
      const pieces = await coloured(code, language);
      if (!gone) setFound({ code, pieces });
    });
    sight.observe(box.current);
    return () => {
      gone = true;
      sight.disconnect();
    };
  }, [code, language]);
  return found?.code === code ? found.pieces : null;
}

/** @param {string} code @param {string} name */
async function coloured(code, name) {
  try {
    const { languageOf, piecesOf } = await import("../highlighting.js");
    const language = languageOf(name);
    return language === null ? null : await piecesOf(code, language);
  } catch {
    // The file could not be had: code is read without colours too.
    return null;
  }
}

/** @param {{code: string, stop: number}} given */
function Copy({ code, stop }) {
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (said === "") return undefined;
    const timer = setTimeout(() => setSaid(""), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(code);
      setSaid(words.once.copied);
    } catch {
      setSaid(words.once.notCopied);
    }
  };
  // At the start: what one may do with the message is at the end of its line.
  return html`<button class="icon-button" type="button" tabindex=${stop} aria-label=${words.text.copy} title=${words.text.copy} onClick=${() => void copy()}>
      <${Icon} name="copy" />
    </button>
    <span class="fence-said meta" role="status">${said}</span>`;
}
