/** Lets a person choose files: a picker that offers what the server takes. */

/** @import { Page } from "../page.js" */

/** @param {Page} page @param {(files: File[]) => void} chosen */
export function pick(page, chosen) {
  const input = page.window.document.createElement("input");
  input.type = "file";
  input.multiple = true;
  input.hidden = true;
  input.accept = acceptOf(page.client.limits.attachmentKinds);
  // Some browsers forget one that stands nowhere before anything was chosen.
  page.window.document.body.append(input);
  input.onchange = () => (input.remove(), chosen([...(input.files ?? [])]));
  input.oncancel = () => input.remove();
  input.click();
}

/** Which kinds are offered; everything, where any file is taken. @param {string[]} kinds */
export function acceptOf(kinds) {
  return kinds.length === 0 || kinds.includes("file") ? "" : kinds.map((kind) => `${kind}/*`).join(",");
}
