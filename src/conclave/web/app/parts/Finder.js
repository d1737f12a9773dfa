/** A field that finds: what is typed is asked for when one pauses. */

import { useEffect, useState } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";
import { Field } from "./Field.js";

const AFTER_MS = 200;

/** @param {{id: string, label: string, onFind: (text: string) => void}} given */
export function Finder({ id, label, onFind }) {
  const [text, setText] = useState("");
  const [asked, setAsked] = useState("");
  useEffect(() => {
    if (text.trim() === asked) return undefined;
    const timer = setTimeout(() => {
      setAsked(text.trim());
      onFind(text.trim());
    }, AFTER_MS);
    return () => clearTimeout(timer);
  }, [text]);
  /** @param {{currentTarget: HTMLInputElement}} event */
  const typed = ({ currentTarget }) => setText(currentTarget.value);
  return html`<${Field} id=${id} type="search" label=${label} value=${text} onInput=${typed} autocomplete="off" />`;
}
