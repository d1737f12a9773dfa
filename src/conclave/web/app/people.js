/** How a person is drawn without a picture: a hue of eight, and initials. */

/** The same number for the same id, everywhere. @param {string} id */
export function hueOf(id) {
  let hash = 2166136261;
  for (let i = 0; i < id.length; i += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(i), 16777619);
  }
  return (hash >>> 0) % 8;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Up to two initials of a name. @param {string} name */
export function initialsOf(name) {
  const parts = name.split(/[\s._-]+/u).filter((part) => part !== "");
  const chosen = parts.length > 1 ? [parts[0], parts.at(-1)] : [parts[0]];
  // The first alone: a name may be a million of them.
  const initials = chosen.map((part) => graphemes.segment(part ?? "?")[Symbol.iterator]().next().value?.segment ?? "?");
  // A grapheme can be hundreds of combining marks: four code points are enough for a letter.
  return initials.map((letter) => [...letter].slice(0, 4).join("")).join("").toLocaleUpperCase();
}
