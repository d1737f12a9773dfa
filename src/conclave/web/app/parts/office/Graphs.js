/**
 * How the server does, as it goes on: connections, messages a second, and how long an answer takes.
 * Drawn here, of what is measured while one looks; said in words for who does not see it.
 */

import { useEffect, useRef, useState } from "../../../vendor/preact-hooks.js";
import { html } from "../../html.js";
import { corners, Samples } from "../../samples.js";
import { words } from "../../words.js";

/** @import { Page } from "../../page.js" */

const EVERY_MS = 3_000;
const WIDTH = 240;
const HEIGHT = 56;

/** @param {{page: Page}} given */
export function Graphs({ page }) {
  const says = words.office.graphs;
  const [paused, setPaused] = useState(page.keeping.paused);
  const { list } = useSamples(page, paused);
  const pause = () => {
    page.keeping.paused = !paused;
    setPaused(!paused);
  };
  return html`<div class="graphs-head">
      <h2>${says.title}</h2>
      <button class="button" type="button" aria-pressed=${paused} onClick=${pause}>${says.pause}</button>
    </div>
    <div class="graphs">
      <${Graph} name=${says.connections} values=${list.map(({ connections }) => connections)} />
      <${Graph} name=${says.messages} values=${list.map(({ messages }) => messages)} />
      <${Graph} name=${says.delay} values=${list.map(({ delayMs }) => delayMs)} />
    </div>`;
}

/** @param {{name: string, values: number[]}} given */
function Graph({ name, values }) {
  const [now, least, most] = [values.at(-1) ?? 0, Math.min(...values), Math.max(...values)].map((value) => (Number.isFinite(value) ? rounded(value) : 0));
  const said = words.office.graphs.said(now ?? 0, least ?? 0, most ?? 0);
  return html`<figure class="graph">
    <figcaption><span>${name}</span><strong>${words.number(now ?? 0)}</strong></figcaption>
    <svg viewBox=${`0 -2 ${WIDTH} ${HEIGHT + 4}`} role="img" aria-label=${`${name}. ${said}`} preserveAspectRatio="none">
      <polyline points=${corners(values, WIDTH, HEIGHT)} />
    </svg>
    <p class="meta">${said}</p>
  </figure>`;
}

/** @param {number} value */
const rounded = (value) => (value < 10 ? Math.round(value * 10) / 10 : Math.round(value));

/** Measure while it is shown, seen and not paused. @param {Page} page @param {boolean} paused */
function useSamples(page, paused) {
  const samples = useRef(new Samples()).current;
  const [, draw] = useState(0);
  useEffect(() => {
    if (paused) return undefined;
    let here = true;
    let asking = false;
    const measure = async () => {
      if (asking || page.window.document.visibilityState !== "visible") return samples.pause();
      asking = true;
      const begun = performance.now();
      const { refusal, found } = await page.office.server();
      asking = false;
      if (!here || refusal !== null) return;
      const told = new Map(found.facts.map(({ name, value }) => [name, Number(value)]));
      const at = performance.now();
      samples.take(at, { connections: told.get("connections") ?? 0, messages: told.get("messages") ?? 0 }, at - begun);
      draw((n) => n + 1);
    };
    void measure();
    const timer = setInterval(() => void measure(), EVERY_MS);
    return () => {
      here = false;
      samples.pause();
      clearInterval(timer);
    };
  }, [page, paused, samples]);
  return samples;
}
