/** Builds the page: one client, one driver, one tree of components. The only file with globals. */

import { Client } from "../client/client.js";
import { HIDDEN_PATIENCE_MS } from "../client/pulse.js";
import { Driver } from "../client/driver.js";
import { asNumber, asText, isData } from "../client/wire.js";
import { render } from "../vendor/preact.js";
import { html } from "./html.js";
import { Keeping } from "./keeping.js";
import { Page } from "./page.js";
import { App } from "./parts/App.js";

/** Random, where `crypto.randomUUID` needs https and this does not. */
function makeId() {
  const bytes = crypto.getRandomValues(new Uint8Array(15));
  return `w-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

function random() {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;
}

/** What the server wrote into the page: whom the demo lets in, and nothing else. */
function demoUsers() {
  const found = JSON.parse(document.documentElement.dataset.demo ?? "[]");
  if (!Array.isArray(found)) return [];
  return found.filter(isData).map(({ name, token }) => ({ name: asText(name), token: asText(token) }));
}

function begin() {
  const patience = asNumber(Number(document.documentElement.dataset.hiddenPatience ?? NaN), 0);
  const client = new Client({
    random,
    makeId,
    wall: () => Date.now(),
    hiddenPatienceMs: patience || HIDDEN_PATIENCE_MS,
    onMessage: (entry) => page.heard(entry),
  });
  const address = new URL("/ws", location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  address.hash = "";
  const driver = new Driver(client, {
    url: address.href,
    open: (url) => new WebSocket(url, "conclave.v1"),
    now: () => performance.now(),
    onChange: () => page.changed(),
  });
  const keeping = new Keeping(sessionStorage, localStorage);
  const page = new Page({ driver, keeping, demo: demoUsers(), window });
  const root = /** @type {HTMLElement} */ (document.getElementById("app"));
  page.onChange = () => {
    page.follow();
    render(html`<${App} page=${page} turn=${{}} />`, root);
  };

  matchMedia("(min-width: 68.75rem)").addEventListener("change", ({ matches }) => page.resized(matches));
  matchMedia("(min-width: 45rem)").addEventListener("change", () => page.changed());
  addEventListener("hashchange", () => page.moved());
  addEventListener("online", () => driver.act((c, now) => c.connection.network(true, now)));
  addEventListener("offline", () => driver.act((c, now) => c.connection.network(false, now)));
  document.addEventListener("visibilitychange", () => {
    page.look();
    const visible = document.visibilityState === "visible";
    driver.act((c, now) => c.connection.seen(visible, now));
  });
  driver.act((c, now) => {
    c.connection.network(navigator.onLine, now);
    c.connection.seen(document.visibilityState === "visible", now);
    if (keeping.token !== "") c.signIn(keeping.token, now);
  });
}

begin();
