/** Where one writes. Never disabled while one is signed in; what is in it is never lost. */

import { useEffect, useRef, useState } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";
import { words } from "../words.js";
import { Icon } from "./Icon.js";

/** @import { Page } from "../page.js" */

/** The last tenth of the limit is counted down. */
const COUNTED_SHARE = 0.1;
const MOST_ROWS = 8;

/** @param {{page: Page, name: string}} given */
export function Composer({ page, name }) {
  const [text, setText] = useState(page.draftOf(name));
  const [full, setFull] = useState(false);
  /** @type {{current: HTMLTextAreaElement | null}} */
  const field = useRef(null);
  const { limits, state } = page.client;
  const left = limits.textChars - [...text].length;
  const title = page.infoOf(name)?.title ?? name;
  useEffect(() => {
    if (window.matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, []);
  /** @param {string} value */
  const write = (value) => {
    setText(value);
    page.write(name, value);
  };
  const send = () => {
    if (text.trim() === "" || left < 0) return;
    const taken = page.say(name, text.trim());
    setFull(!taken);
    if (taken) setText("");
    field.current?.focus();
  };
  /** @param {KeyboardEvent} event */
  const onKey = (event) => {
    if (!sends(event)) return;
    event.preventDefault();
    send();
  };
  return html`<form class="composer" onSubmit=${(/** @type {Event} */ event) => (event.preventDefault(), send())}>
    <div class="composer-box">
      <textarea
        id="composer"
        ref=${field}
        dir="auto"
        rows=${Math.min(MOST_ROWS, text.split("\n").length)}
        value=${text}
        aria-label=${words.composer.label(title)}
        placeholder=${words.composer.placeholder(title)}
        aria-describedby="composer-count"
        enterkeyhint="send"
        disabled=${state.name === "stopped"}
        onInput=${(/** @type {{currentTarget: HTMLTextAreaElement}} */ { currentTarget }) => write(currentTarget.value)}
        onKeyDown=${onKey}
      ></textarea>
      <button class="send" type="submit" aria-label=${words.composer.send} title=${words.composer.send} data-idle=${text.trim() === "" || left < 0}>
        <${Icon} name="send" />
      </button>
    </div>
    <p class="composer-count ${left < 0 ? "error" : "meta"}" id="composer-count" role="status">
      ${full ? words.composer.full : left <= Math.round(limits.textChars * COUNTED_SHARE) && words.composer.left(left)}
    </p>
  </form>`;
}

/** Enter sends, Shift+Enter breaks; on touch Enter breaks; never while a word is composed. @param {KeyboardEvent} event */
function sends(event) {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return false;
  return event.ctrlKey || event.metaKey || !window.matchMedia("(pointer: coarse)").matches;
}
