/**
 * What the service worker does with what is pushed: shows it, and opens the message when it
 * is pressed. It has no words of its own: whose language would they be in? Nothing is fetched,
 * nothing is kept. It is the second part of one script: service-worker.js is before it.
 */

/** @typedef {{room: string, seq: number, user: string, title?: string, mention?: boolean, text?: string}} Pushed */

const MOST_SHOWN_CHARS = 300;
const SHOWN_ICON = `${FOLDER}/app/icons/icon-192.png`;

worker.addEventListener("push", (/** @type {any} */ event) => event.waitUntil(showPushed(event.data?.text() ?? "")));
worker.addEventListener("notificationclick", (/** @type {any} */ event) => {
  event.notification.close();
  event.waitUntil(openPushed(event.notification.data?.hash ?? "#"));
});

/** @param {string} text */
function showPushed(text) {
  const pushed = readPushed(text);
  // A browser that is woken and shows nothing takes the right to be woken away.
  if (pushed === null) return worker.registration.showNotification("Conclave", { icon: SHOWN_ICON, tag: "conclave" });
  const { room, seq, user, title = "", mention = false, text: written = "" } = pushed;
  const named = [mention ? `@ ${user}` : user, title].filter((part) => part !== "").join(" · ");
  const data = { room, seq, hash: `#${encodeURIComponent(room)}/${seq}` };
  const body = written.slice(0, MOST_SHOWN_CHARS);
  return worker.registration.showNotification(named, { body, icon: SHOWN_ICON, data, tag: `conclave ${room}`, renotify: true });
}

/** What was pushed, if it is what this server pushes. @param {string} text @returns {Pushed | null} */
function readPushed(text) {
  try {
    const found = JSON.parse(text);
    return typeof found?.room === "string" && Number.isSafeInteger(found.seq) && typeof found.user === "string" ? found : null;
  } catch {
    return null;
  }
}

/** Go to the message in a page that is open, or open one. @param {string} hash */
async function openPushed(hash) {
  const [page] = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (page === undefined) return worker.clients.openWindow(`/${hash}`);
  page.postMessage({ go: hash });
  return page.focus();
}
