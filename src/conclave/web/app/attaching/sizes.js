/** How many bytes something has, as people say it; and what kind of thing it is. */

import { LOCALE } from "../words.js";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];
/** What a browser shows in an `<img>`, by the server's word. */
const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

/** @param {number} bytes */
export function sizeOf(bytes) {
  const at = bytes < 1_000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1_000 ** at;
  const unitDisplay = at === 0 ? "long" : "short";
  return new Intl.NumberFormat(LOCALE, { style: "unit", unit: UNITS[at], unitDisplay, maximumFractionDigits: value < 10 && at > 0 ? 1 : 0 }).format(value);
}

/** Which of the four kinds a type is of. @param {string} type @returns {"image" | "audio" | "video" | "file"} */
export function kindOf(type) {
  if (PICTURES.has(type)) return "image";
  if (type.startsWith("audio/")) return "audio";
  return type.startsWith("video/") ? "video" : "file";
}
