/** Where one goes in the page, whatever the address became meanwhile. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Keeping } from "../../src/conclave/web/app/keeping.js";
import { Page } from "../../src/conclave/web/app/page.js";
import { Bench, info } from "./bench.js";

const LINK = "#join=s3cret-of-a-link";

/** A window whose address can be changed before anybody hears of it, as a browser's can. */
function windowed() {
  let hash = "";
  const location = {
    pathname: "/",
    search: "",
    get hash() {
      return hash;
    },
    set hash(to) {
      hash = to === "#" ? "" : to;
    },
  };
  return {
    location,
    history: { replaceState: (/** @type {any} */ _state, /** @type {string} */ _title, /** @type {string} */ to) => void (hash = to.slice(1)) },
    matchMedia: () => ({ matches: true }),
    document: { title: "", visibilityState: "hidden", querySelector: () => null },
    navigator: {},
    setTimeout,
    clearTimeout,
  };
}

/** A page that is open, before the list of rooms came. */
function opened() {
  const bench = new Bench();
  const act = (/** @type {Function} */ what) => what(bench.client, bench.now);
  const driver = /** @type {any} */ ({ client: bench.client, act, now: () => bench.now });
  const window = /** @type {any} */ (windowed());
  const shelf = { getItem: () => null, setItem: () => {}, removeItem: () => {} };
  const page = new Page({ driver, keeping: new Keeping(shelf), demo: [], window });
  page.onChange = () => page.follow();
  bench.client.signIn("token", bench.now);
  bench.flush();
  bench.letIn();
  return { bench, page, window };
}

/** The list of rooms comes: the page goes to the first by itself. @param {ReturnType<typeof opened>} one */
function listed({ bench, page }) {
  bench.hear("rooms", { rooms: [info("general")] }, bench.one("room:list").id);
  page.follow();
}

test("a link that came before the list of rooms is kept when the page goes to the first room", () => {
  const one = opened();
  one.window.location.hash = LINK;
  listed(one);
  assert.deepEqual(one.page.door.link, { kind: "join", token: "s3cret-of-a-link", seen: null });
  assert.equal(one.window.location.hash, "#general");
  // What the browser owed for the link, and for the room.
  one.page.going.moved();
  one.page.going.moved();
  assert.equal(one.page.place.room, "general");
  assert.equal(one.page.door.link?.token, "s3cret-of-a-link");
});

test("without a link the page goes to the first room, and nothing is taken", () => {
  const one = opened();
  listed(one);
  assert.equal(one.page.door.link, null);
  assert.equal(one.window.location.hash, "#general");
});

for (const [what, go, hash] of /** @type {[string, (page: Page) => void, string][]} */ ([
  ["a room", (page) => page.goTo("ledger"), "#ledger"],
  ["a message", (page) => page.goTo("ledger", 7), "#ledger/7"],
  ["the office", (page) => page.goToOffice("people"), "#/office/people"],
  ["nowhere", (page) => page.goTo(null), ""],
])) {
  test(`going to ${what} takes a link from the address and leaves none of it there`, () => {
    const { page, window } = opened();
    window.location.hash = LINK;
    go(page);
    assert.equal(page.door.link?.token, "s3cret-of-a-link");
    assert.equal(window.location.hash, hash);
  });
}
