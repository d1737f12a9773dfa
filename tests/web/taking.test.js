/** One's data as a file: counted as it comes, whole or not saved, and for nobody else. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Http } from "../../src/conclave/web/app/api/http.js";
import { FILE, Taking } from "../../src/conclave/web/app/taking.js";

const LINES = `{"line":"export","of":"ada"}\n${`{"line":"entry","text":"${"x".repeat(50)}"}\n`.repeat(20)}`;
const WHOLE = `${LINES}{"line":"end","lines":21,"crc32":1}\n`;

/** A page that asks *answer*, and what was saved and shown meanwhile. @param {(asked: {path: string, init: RequestInit}) => Response | Promise<Response>} answer */
function paged(answer) {
  /** @type {{file: Blob, name: string}[]} */
  const saved = [];
  /** @type {string[]} */
  const shown = [];
  /** @type {Map<string, Blob>} */
  const files = new Map();
  URL.createObjectURL = (file) => {
    files.set(`blob:${files.size}`, /** @type {Blob} */ (file));
    return `blob:${files.size - 1}`;
  };
  const link = () => ({
    href: "",
    download: "",
    click() {
      saved.push({ file: /** @type {Blob} */ (files.get(this.href)), name: this.download });
    },
  });
  const page = /** @type {any} */ ({
    http: new Http({ fetch: /** @type {any} */ (async (/** @type {string} */ path, /** @type {RequestInit} */ init) => answer({ path, init })) }),
    client: { me: { id: "ada" } },
    window: { document: { createElement: link }, setTimeout: () => 0 },
    changed: () => void shown.push(`${taking.state} ${taking.done}`),
  });
  const taking = new Taking(page);
  return { page, taking, saved, shown };
}

/** A file that is sent in *pieces*. @param {string[]} pieces @param {number} [size] */
function sent(pieces, size = pieces.join("").length) {
  const body = new ReadableStream({
    async start(on) {
      for (const piece of pieces) {
        await new Promise((go) => setImmediate(go));
        on.enqueue(new TextEncoder().encode(piece));
      }
      on.close();
    },
  });
  return new Response(body, { headers: { "content-length": String(size) } });
}

/** @param {Taking} taking */
async function over(taking) {
  while (taking.busy) await new Promise((go) => setTimeout(go, 1));
  return taking.state;
}

test("a whole file is saved under its name, and how far it is was shown", async () => {
  const { taking, saved, shown } = paged(({ path, init }) => {
    assert.equal(path, "/api/v1/me/export");
    assert.deepEqual([init.method, init.body], ["POST", '{"password":"of ada"}']);
    return sent([WHOLE.slice(0, 500), WHOLE.slice(500)]);
  });
  assert.equal(await taking.begin("of ada"), null);
  assert.equal(await over(taking), "saved");
  assert.equal(taking.size, WHOLE.length);
  assert.deepEqual(shown, ["asking 0", "reading 0", "reading 500", `reading ${WHOLE.length}`, `saved ${WHOLE.length}`]);
  assert.equal(saved.length, 1);
  assert.equal(saved[0]?.name, FILE);
  assert.equal(await saved[0]?.file.text(), WHOLE);
});

test("what is refused is told, and nothing goes on", async () => {
  const refused = { code: "password_required", detail: "Say your password once more" };
  const { taking, saved } = paged(() => Response.json(refused, { status: 403 }));
  const refusal = await taking.begin("");
  assert.equal(refusal?.code, "password_required");
  assert.deepEqual([taking.state, taking.busy, saved.length], ["", false, 0]);
});

test("a server that is not reached is told", async () => {
  const { taking } = paged(() => {
    throw new TypeError("no network");
  });
  assert.equal((await taking.begin(""))?.code, "connection_lost");
  assert.equal(taking.busy, false);
});

test("a file that ends early or breaks off is not saved", async () => {
  const early = paged(() => sent([LINES]));
  await early.taking.begin("");
  assert.equal(await over(early.taking), "cut");
  const broken = paged(() => {
    let pulled = 0;
    const body = new ReadableStream({
      pull: (on) => (pulled++ ? on.error(new TypeError("broken")) : on.enqueue(new TextEncoder().encode(WHOLE))),
    });
    return new Response(body);
  });
  await broken.taking.begin("");
  assert.equal(await over(broken.taking), "cut");
  assert.deepEqual([early.saved.length, broken.saved.length], [0, 0]);
});

test("who has gone meanwhile leaves nothing to who comes after", async () => {
  const { page, taking, saved } = paged(() => sent([WHOLE.slice(0, 500), WHOLE.slice(500)]));
  await taking.begin("");
  page.client.me = { id: "bob" };
  await over(taking);
  assert.equal(saved.length, 0);
});

test("it can be stopped while it is asked for and while it is read", async () => {
  const asking = paged(({ init }) => new Promise((_, fail) => init.signal?.addEventListener("abort", () => fail(new Error("stopped")))));
  const begun = asking.taking.begin("");
  asking.taking.stop();
  assert.equal(await begun, null);
  assert.equal(asking.taking.state, "");
  const reading = paged(({ init }) => {
    const body = new ReadableStream({
      start: (on) => {
        on.enqueue(new TextEncoder().encode(WHOLE));
        init.signal?.addEventListener("abort", () => on.error(new Error("stopped")));
      },
    });
    return new Response(body);
  });
  await reading.taking.begin("");
  reading.taking.stop();
  assert.equal(await over(reading.taking), "");
  assert.deepEqual([asking.saved.length, reading.saved.length], [0, 0]);
});
