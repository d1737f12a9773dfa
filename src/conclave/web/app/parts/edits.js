/** Edits of a field as if they were typed: the browser can undo them. */

/** @import { Edit } from "../formatting.js" */

/** @param {HTMLTextAreaElement} field @param {Edit} edit */
export function apply(field, { from, to, text, start, end }) {
  field.focus();
  field.setSelectionRange(from, to);
  // The only way that undo knows of; where it is not had, the text is put there all the same.
  if (!document.execCommand("insertText", false, text)) {
    field.setRangeText(text, from, to, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  field.setSelectionRange(start, end);
}
