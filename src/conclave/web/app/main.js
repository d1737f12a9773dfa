/** Builds the page: one client, one driver, one tree of components. The only file with globals. */

import { connect } from "../client/conclave.js";
import { asNumber, asText, isData } from "../client/wire.js";
import { render } from "../vendor/preact.js";
import { Drawing } from "./drawing.js";
import { html } from "./html.js";
import { Keeping } from "./keeping.js";
import { Page } from "./page.js";
import { App } from "./parts/App.js";
import { Version } from "./version.js";

/** What the server wrote into the page: whom the demo lets in, and nothing else. */
function demoUsers() {
  const found = JSON.parse(document.documentElement.dataset.demo ?? "[]");
  if (!Array.isArray(found)) return [];
  return found.filter(isData).map(({ name, token }) => ({ name: asText(name), token: asText(token) }));
}

function begin() {
  const patience = asNumber(Number(document.documentElement.dataset.hiddenPatience ?? NaN), 0);
  const address = new URL("/ws", location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  address.hash = "";
  const driver = connect({
    url: address.href,
    onChange: () => drawing.soon(),
    onMessage: (entry) => page.heard(entry),
    hiddenPatienceMs: patience || undefined,
  });
  const keeping = new Keeping(sessionStorage, localStorage);
  const page = new Page({ driver, keeping, demo: demoUsers(), guests: document.documentElement.dataset.guests === "yes", window });
  page.version = new Version({
    window,
    folder: new URL("..", import.meta.url).pathname.replace(/\/$/, ""),
    quietMs: asNumber(Number(document.documentElement.dataset.quiet ?? NaN), 0) || undefined,
    onNewer: () => page.changed(),
  });
  const root = /** @type {HTMLElement} */ (document.getElementById("app"));
  const draw = () => {
    page.follow();
    render(html`<${App} page=${page} turn=${{}} />`, root);
    driver.flush();
  };
  const drawing = new Drawing(draw, {
    frame: (what) => requestAnimationFrame(what),
    noFrame: (id) => cancelAnimationFrame(id),
    later: (what, ms) => Number(setTimeout(what, ms)),
    never: (id) => clearTimeout(id),
  });
  page.onChange = () => drawing.now();
  page.onSoon = () => drawing.soon();
  page.drawsSoon = () => drawing.frame !== 0;

  matchMedia("(min-width: 68.75rem)").addEventListener("change", ({ matches }) => page.beside.resized(matches));
  matchMedia("(min-width: 45rem)").addEventListener("change", () => page.changed());
  addEventListener("hashchange", () => page.going.moved());
  document.addEventListener("visibilitychange", () => page.going.look());
  page.idleness.watch(window);
  page.door.begin();
  // The browser comes back from a provider, with what is a secret in its address.
  if (location.pathname.startsWith("/oidc/")) import("./returning.js").then(({ returned }) => returned(page));
}

begin();
