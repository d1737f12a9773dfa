/**
 * Style sheets of parts that come late: a lazy part waits for its own before it is drawn, so that
 * it is never seen without, and the first view does not wait for it.
 */

/** @type {Map<string, Promise<void>>} */
const coming = new Map();

/** Have the sheet *name* of `css/` apply; done once it does, or once it is known not to come. @param {string} name */
export function sheet(name) {
  const known = coming.get(name);
  if (known !== undefined) return known;
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL(`css/${name}.css`, import.meta.url).href;
  const come = /** @type {Promise<void>} */ (new Promise((done) => {
    link.onload = () => done();
    // Without it a part is still there.
    link.onerror = () => done();
  }));
  coming.set(name, come);
  document.head.append(link);
  return come;
}
