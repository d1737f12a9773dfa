/** What is said or notified, without its marks. What finds them is loaded with the log, not before it. */

/** *text* in plain words; as it is where that cannot be had. @param {string} text */
export async function plainly(text) {
  try {
    return (await import("./plain.js")).plainOf(text);
  } catch {
    return text;
  }
}
