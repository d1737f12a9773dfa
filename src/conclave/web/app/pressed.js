/**
 * Which key of a shortcut was pressed, whatever letters the keyboard writes: an Arabic, Greek or
 * Cyrillic one has no K, and its key in that place is meant.
 */

/**
 * The letter in lower case, the sign, or the name of the key. What a keyboard writes in ASCII counts
 * wherever its key is, so that Dvorak and AZERTY are theirs.
 *
 * @param {{key: string, code: string, shiftKey: boolean}} event
 */
export function pressedOf({ key, code, shiftKey }) {
  const latin = key.toLowerCase();
  // One Arabic key writes two letters at once, for which some browsers have no name.
  if (key !== "Unidentified" && /^[\x20-\x7e]+$/.test(key)) return latin;
  if (/^Key[A-Z]$/.test(code)) return code.charAt(3).toLowerCase();
  if (code === "Slash") return shiftKey ? "?" : "/";
  return latin;
}
