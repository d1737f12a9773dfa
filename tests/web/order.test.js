/** In which order rooms are listed, and when that holds still. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Order } from "../../src/conclave/web/app/order.js";

/** @param {string} room @param {number} lastTime @param {boolean} [favourite] @returns {any} */
const info = (room, lastTime, favourite = false) => ({ room, title: room, lastTime, favourite });
/** @param {Order} order @param {any[]} rooms */
const names = (order, rooms) => order.of(rooms).map(({ room }) => room);

test("favourites come first, then what happened last, then names", () => {
  const rooms = [info("b", 5), info("a", 5), info("old", 1, true), info("new", 9), info("dear", 3, true)];
  assert.deepEqual(names(new Order(), rooms), ["dear", "old", "new", "a", "b"]);
});

test("nothing moves while the list is held, and what is new comes last", () => {
  const order = new Order();
  assert.deepEqual(names(order, [info("a", 3), info("b", 2), info("c", 1)]), ["a", "b", "c"]);
  order.held = true;
  assert.deepEqual(names(order, [info("d", 9), info("a", 3), info("b", 2), info("c", 8)]), ["a", "b", "c", "d"]);
  assert.deepEqual(names(order, [info("a", 3), info("c", 8), info("b", 7, true)]), ["a", "b", "c"]);
  order.held = false;
  assert.deepEqual(names(order, [info("a", 3), info("c", 8), info("b", 7, true)]), ["b", "c", "a"]);
});
