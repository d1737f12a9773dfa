/**
 * A client for any page of a browser: `connect` gives it a socket, a clock, and a place to
 * keep things in. Where there is no page, as in Node, it keeps nothing. See docs/javascript.md.
 */

import { Chest } from "./chest.js";
import { Client } from "./client.js";
import { Driver } from "./driver.js";
import { BrowserShelf } from "./shelf.js";
import { BrowserTabs } from "./tabs.js";

/** @import { Entry } from "./wire.js" */

/**
 * Build a client of the server at *url* and let it follow the browser's network and
 * visibility. It does nothing until `signIn`; close it with `signOut`, which also erases
 * what was kept.
 *
 * @param {object} given
 * @param {string} given.url                          ws: or wss:
 * @param {() => void} given.onChange                 something may have changed: draw
 * @param {(entry: Entry) => void} [given.onMessage]  somebody else's new message, once
 * @param {boolean} [given.keep]                      in IndexedDB, which is the default
 * @param {number} [given.hiddenPatienceMs]
 */
export function connect({ url, onChange, onMessage, keep = true, hiddenPatienceMs }) {
  const wall = () => Date.now();
  const client = new Client({ random, makeId, wall, hiddenPatienceMs, onMessage });
  const open = (/** @type {string} */ at) => new WebSocket(at, "conclave.v1");
  const driver = new Driver(client, { url, open, now: () => performance.now(), onChange });
  if (!globalThis.document) return driver;
  if (keep) driver.chest = chestOf(driver, url, wall);
  follow(driver);
  return driver;
}

/** @param {Driver} driver @param {string} url @param {() => number} wall */
function chestOf(driver, url, wall) {
  const locks = /** @type {LockManager | undefined} */ (navigator.locks);
  const channel = globalThis.BroadcastChannel;
  const tabs = new BrowserTabs({ name: url, makeId, locks, tab: sessionStorage, browser: localStorage, channel });
  // Forbidden or absent it throws, which the chest takes for «memory only».
  return new Chest(driver, { tabs, wall, open: async (user) => BrowserShelf.open(indexedDB, url, user) });
}

/** @param {Driver} driver */
function follow(driver) {
  const network = () => driver.act(({ connection }, now) => connection.network(navigator.onLine, now));
  const seen = () => {
    const visible = document.visibilityState === "visible";
    driver.act(({ connection }, now) => connection.seen(visible, now));
    if (!visible) driver.chest?.hurry();
  };
  addEventListener("online", network);
  addEventListener("offline", network);
  addEventListener("pagehide", () => driver.chest?.hurry());
  document.addEventListener("visibilitychange", seen);
  network();
  seen();
}

/** Random, where `crypto.randomUUID` needs https and this does not. */
function makeId() {
  const bytes = crypto.getRandomValues(new Uint8Array(15));
  return `w-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** From 0 up to 1. */
function random() {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;
}
