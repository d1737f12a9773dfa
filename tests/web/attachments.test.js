/** Files: what of them is believed, kept and sent; and how they are carried. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { test } from "node:test";

import { Files } from "../../src/conclave/web/client/files.js";
import { keptOf, readKept } from "../../src/conclave/web/client/items.js";
import { readRoom, recordOf } from "../../src/conclave/web/client/kept.js";
import { RoomLog } from "../../src/conclave/web/client/roomlog.js";
import { attachedOf, entryOf } from "../../src/conclave/web/client/wire.js";
import { Bench, message } from "./bench.js";

/** @import { IncomingMessage } from "node:http" */
/** @import { AddressInfo } from "node:net" */

const inRoom = () => {
  const bench = new Bench().signedIn();
  bench.sent();
  return bench.inRoom("general", [message("general", 1)]);
};

const ID = "0a".repeat(16);
const FILE = { id: ID, name: "a.png", type: "image/png", size: 7, width: 3, height: 2, thumb: true, alt: "A door" };

test("a file of a message is believed only as far as it has the shape of one", () => {
  assert.deepEqual(attachedOf(FILE), FILE);
  assert.deepEqual(attachedOf({ id: ID, size: "7", width: -1, thumb: 1, alt: {} }), { id: ID, name: "?", type: "", size: 0, width: null, height: null, thumb: false, alt: "" });
  for (const id of ["", "../../me", `${ID}0`, ID.toUpperCase(), null]) assert.equal(attachedOf({ ...FILE, id }), null);
});

test("a message without a text is told by the names of its files, and one that is deleted has none", () => {
  const told = { room: "hall", seq: 1, text: "", attachments: [FILE, { ...FILE, name: "b.txt" }, "no file"] };
  assert.deepEqual([entryOf(told)?.text, entryOf(told)?.attachments.length], ["a.png, b.txt", 2]);
  assert.deepEqual([entryOf({ ...told, deleted: true })?.text, entryOf({ ...told, deleted: true })?.attachments], ["", []]);
});

test("a message with files and no text waits, is sent by their ids, and stays when it is refused", () => {
  const bench = inRoom();
  const item = bench.client.say("general", "", bench.now, { attachments: [FILE], id: "c-mine" });
  assert.equal(item?.id, "c-mine");
  bench.client.flush(bench.now);
  const [sent] = bench.sent("chat");
  assert.deepEqual([sent?.id, sent?.data.attachments], ["c-mine", [{ id: ID, alt: "A door" }]]);
  bench.hear("error", { code: "not_found", message: "" }, "c-mine");
  assert.equal(bench.client.outbox.items.get("c-mine")?.state, "failed");
});

test("what is kept of a message that waits, and of a log, has its files", () => {
  const bench = inRoom();
  const item = bench.client.say("general", "hi", bench.now, { attachments: [FILE] });
  assert.ok(item);
  assert.deepEqual(readKept(structuredClone(keptOf(item)))?.attachments, [FILE]);
  const entry = entryOf({ room: "general", seq: 1, id: "e", text: "", attachments: [FILE] });
  assert.ok(entry);
  const log = new RoomLog("general");
  Object.assign(log, { lines: [entry], upto: 1, epoch: "e", begun: true });
  assert.deepEqual(readRoom(structuredClone(recordOf(log, 1)))?.lines[0]?.attachments, [FILE]);
});

/** A server that answers *status* and *body* to all. @param {number} status @param {string | Buffer} body @param {(files: Files, asked: IncomingMessage[], bodies: string[]) => Promise<void>} what */
async function serving(status, body, what) {
  /** @type {IncomingMessage[]} */
  const asked = [];
  /** @type {string[]} */
  const bodies = [];
  const server = createServer(async (request, response) => {
    asked.push(request);
    let came = "";
    for await (const part of request) came += part;
    bodies.push(came);
    response.writeHead(status, { "content-length": Buffer.byteLength(body) }).end(body);
  });
  await new Promise((done) => void server.listen(0, "127.0.0.1", () => done(null)));
  const { port } = /** @type {AddressInfo} */ (server.address());
  const files = new Files({ url: `http://127.0.0.1:${port}/api/v1/`, headers: () => ({ authorization: "Bearer t" }) });
  await what(files, asked, bodies).finally(() => (server.closeAllConnections(), server.close()));
}

test("a file is sent as it is, to the room and under the name that are meant", async () => {
  await serving(201, JSON.stringify(FILE), async (files, asked, bodies) => {
    /** @type {number[][]} */
    const told = [];
    const sent = await files.send("a/b", new Blob(["hello"]), { name: "ü ?.txt", onProgress: (...of) => told.push(of) });
    assert.deepEqual(sent, FILE);
    assert.deepEqual([asked[0]?.url, asked[0]?.headers.authorization, bodies[0]], ["/api/v1/rooms/a%2Fb/attachments?name=%C3%BC%20%3F.txt", "Bearer t", "hello"]);
    assert.deepEqual(told.at(-1), [5, 5]);
  });
});

test("a refusal has the server's code, or what the status says", async () => {
  await serving(507, JSON.stringify({ code: "no_space", detail: "Full" }), async (files) => {
    await assert.rejects(files.send("hall", new Blob(["x"])), { name: "Refused", code: "no_space", message: "Full" });
  });
  await serving(413, "Too large", async (files) => {
    await assert.rejects(files.send("hall", new Blob(["x"])), { code: "too_large" });
  });
  await serving(201, "<html>", async (files) => {
    await assert.rejects(files.send("hall", new Blob(["x"])), { code: "internal" });
  });
});

test("a file is fetched with its progress, and cancelled, and a server that is gone is told as that", async () => {
  await serving(200, "0123456789", async (files, asked) => {
    /** @type {number[][]} */
    const told = [];
    const blob = await files.fetch(ID, { thumbnail: true, onProgress: (...of) => told.push(of) });
    assert.deepEqual([await blob.text(), told.at(-1), asked[0]?.url], ["0123456789", [10, 10], `/api/v1/attachments/${ID}/thumbnail`]);
    await files.withdraw(ID);
    assert.equal(asked.at(-1)?.method, "DELETE");
    const ended = AbortSignal.abort();
    await assert.rejects(files.send("hall", new Blob(["x"]), { signal: ended }), { name: "AbortError" });
    await assert.rejects(files.fetch(ID, { signal: ended }), { name: "AbortError" });
  });
  const nobody = new Files({ url: "http://127.0.0.1:9/", headers: () => ({}) });
  await assert.rejects(nobody.send("hall", new Blob(["x"])), { code: "connection_lost" });
  await assert.rejects(nobody.fetch(ID), { code: "connection_lost" });
});

test("what docs/javascript.md shows of files runs as it stands", async () => {
  const docs = await readFile(new URL("../../docs/javascript.md", import.meta.url), "utf8");
  const [, block = ""] = /```js\n(import \{ Files \}[^]*?)```/.exec(docs) ?? [];
  await serving(201, JSON.stringify(FILE), async ({ url }, asked) => {
    /** @type {unknown[]} */
    const said = [];
    const client = { say: (/** @type {unknown[]} */ ...of) => void said.push(of) };
    const given = { token: "t", file: new Blob(["hello"]), draw: () => {}, driver: { act: (/** @type {(to: object, now: number) => void} */ what) => what(client, 7) } };
    Object.assign(globalThis, { given });
    const module = block.replace("./client/files.js", String(new URL("../../src/conclave/web/client/files.js", import.meta.url))).replace("https://chat.example.org/api/v1/", url);
    await import(`data:text/javascript,${encodeURIComponent(`const { token, file, draw, driver } = globalThis.given;\n${module}`)}`);
    assert.deepEqual(said, [["general", "Look", 7, { attachments: [FILE].map((one) => ({ ...one, alt: "A door" })) }]]);
    assert.deepEqual(asked.map(({ method }) => method), ["POST", "GET"]);
  });
});
