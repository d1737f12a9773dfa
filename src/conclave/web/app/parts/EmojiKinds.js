/** Of which kind emoji are shown, and in which tone of skin. */

import { TONES, toned } from "../emoji.js";
import { html } from "../html.js";
import { words } from "../words.js";
import { Icon } from "./Icon.js";

/** @typedef {keyof typeof words.emoji.groups} Kind */

/** What stands for each kind; the first has a clock. @type {[Kind, string][]} */
const KINDS = [
  ["recent", ""],
  ["smileys", "😀"],
  ["people", "👋"],
  ["animals", "🐻"],
  ["food", "🍎"],
  ["travel", "🚲"],
  ["activities", "⚽"],
  ["objects", "💡"],
  ["symbols", "🔣"],
  ["flags", "🏁"],
];
const HAND = "✋";

/** @param {{kind: Kind | null, onChoose: (kind: Kind) => void}} given   kind: null while a name is looked for */
export function Kinds({ kind, onChoose }) {
  return html`<div class="emoji-kinds" role="tablist" aria-label=${words.emoji.kinds} onKeyDown=${step}>
    ${KINDS.map(
      ([name, emoji]) =>
        html`<button type="button" role="tab" tabindex=${name === (kind ?? "recent") ? 0 : -1} aria-selected=${name === kind} aria-label=${words.emoji.groups[name]} title=${words.emoji.groups[name]} onClick=${() => onChoose(name)}>
          ${emoji === "" ? html`<${Icon} name="clock" />` : emoji}
        </button>`,
    )}
  </div>`;
}

/** @param {{tone: number, onChoose: (tone: number) => void}} given */
export function Tones({ tone, onChoose }) {
  return html`<div class="emoji-tones" role="radiogroup" aria-label=${words.emoji.tone} onKeyDown=${step}>
    ${TONES.map(
      (one) =>
        html`<button type="button" role="radio" tabindex=${one === tone ? 0 : -1} aria-checked=${one === tone} aria-label=${words.emoji.tones[one]} title=${words.emoji.tones[one]} onClick=${() => onChoose(one)}>
          ${toned(HAND, one)}
        </button>`,
    )}
  </div>`;
}

/** Arrows go from one to the next and choose it, as those of radio buttons and tabs do. @param {KeyboardEvent} event */
function step(event) {
  const all = /** @type {HTMLElement[]} */ ([.../** @type {Element} */ (event.currentTarget).querySelectorAll("button")]);
  const rightToLeft = getComputedStyle(/** @type {Element} */ (event.currentTarget)).direction === "rtl";
  const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const onward = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
  if (onward === 0 || at < 0) return;
  event.preventDefault();
  const next = all[(at + (rightToLeft ? -onward : onward) + all.length) % all.length];
  next?.focus();
  next?.click();
}
