/**
 * Shows the page where the server cannot be reached: the page itself and the files of one version.
 *
 * It keeps what is the same for everybody and nothing else: what it fetches it fetches without
 * cookies, and of what others ask for it looks at the page and the files of its version alone.
 * Online the page always comes from the server, so that no tab is left with an old one. One
 * version keeps its files until no tab uses them, or a tab of a newer one says that it may go.
 *
 * A script of its own, without imports: a worker is compared byte by byte to see whether it is new.
 */

const FOLDER = "{{assets}}";
/** @type {string[]} */
const FILES = JSON.parse('{{files}}');
const PAGE = "/";
const OURS = "conclave ";
const CACHE = OURS + FOLDER;
/** How long a server may think about the page before the kept one is shown. */
const PATIENCE_MS = 5_000;
/** Files fetched at a time: somebody may be using the line. */
const AT_ONCE = 6;

const worker = /** @type {any} */ (self);

worker.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(keep()));
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(begin()));
worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && url.pathname === PAGE) event.respondWith(pageFor(request));
  else if (url.pathname.startsWith(`${FOLDER}/`)) event.respondWith(fileFor(request));
});
worker.addEventListener("message", (/** @type {any} */ event) => {
  if (event.data === "take over") void worker.skipWaiting();
});

/** Keep all of this version, or nothing: half a page is worse than none. */
async function keep() {
  const cache = await caches.open(CACHE);
  const page = await fetch(PAGE, { credentials: "omit", cache: "no-cache" });
  // The server may have been renewed meanwhile: then its own worker is on the way.
  if (!page.ok || !(await page.clone().text()).includes(`${FOLDER}/`)) throw new Error("another version is served");
  await cache.put(PAGE, page);
  const left = FILES.map((name) => `${FOLDER}/${name}`);
  const one = async () => {
    for (let url = left.pop(); url !== undefined; url = left.pop()) {
      const file = await fetch(url, { credentials: "omit" });
      if (!file.ok) throw new Error(`${url} is not there`);
      await cache.put(url, file);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

/** What earlier versions kept goes. */
async function begin() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(OURS) && name !== CACHE).map((name) => caches.delete(name)));
  await worker.clients.claim();
}

/** The page as the server has it now; the kept one where it cannot be reached. @param {Request} request */
async function pageFor(request) {
  const kept = await caches.match(PAGE, { cacheName: CACHE });
  if (kept === undefined) return fetch(request);
  try {
    const found = await Promise.race([fetch(request), afterPatience()]);
    // A proxy says so when the server behind it is gone.
    if (found?.ok) await renew(found.clone());
    return found === null || found.status >= 502 ? kept : found;
  } catch {
    return kept;
  }
}

/** The page of this version with what the operator has set since. @param {Response} page */
async function renew(page) {
  if ((await page.clone().text()).includes(`${FOLDER}/`)) await (await caches.open(CACHE)).put(PAGE, page);
}

/** @returns {Promise<null>} */
const afterPatience = () => new Promise((done) => setTimeout(() => done(null), PATIENCE_MS));

/** A file never changes. @param {Request} request */
async function fileFor(request) {
  return (await caches.match(request.url, { cacheName: CACHE })) ?? fetch(request);
}
