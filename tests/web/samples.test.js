/** What graphs are drawn of: bounded, and right about what came a second. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { corners, MOST_SAMPLES, Samples } from "../../src/conclave/web/app/samples.js";

test("messages a second are counted between two looks", () => {
  const samples = new Samples();
  samples.take(0, { connections: 1, messages: 100 }, 5);
  samples.take(2_000, { connections: 2, messages: 110 }, 6);
  samples.take(4_000, { connections: 2, messages: 90 }, 6);
  assert.deepEqual(samples.list.map(({ messages }) => messages), [0, 5, 0]);
  samples.pause();
  samples.take(600_000, { connections: 2, messages: 5_000 }, 6);
  assert.equal(samples.list.at(-1)?.messages, 0, "nobody knows when these came");
});

test("a graph that is left open keeps no more than it shows", () => {
  const samples = new Samples();
  for (let n = 0; n < 5_000; n += 1) samples.take(n * 3_000, { connections: n, messages: n }, 1);
  assert.equal(samples.list.length, MOST_SAMPLES);
  assert.equal(samples.list.at(-1)?.connections, 4_999);
});

test("the line ends at the right, its top is the most there was", () => {
  assert.equal(corners([0, 5, 10], 119, 50), "117.0,50.0 118.0,25.0 119.0,0.0");
  assert.equal(corners([], 119, 50), "");
});
