/**
 * The rows of a log that are near the view, and empty space in place of the others. It draws
 * them again by itself when the reader moves.
 */

import { Component } from "../../vendor/preact.js";
import { Dressing } from "../dressing.js";
import { html } from "../html.js";
import { markFound } from "./found.js";
import { RowOf } from "./Row.js";

/** @import { Around, Dressed } from "../dressing.js" */
/** @import { Page } from "../page.js" */
/** @import { View } from "./view.js" */
/**
 * @typedef {object} Given
 * @property {Page} page
 * @property {View} view
 * @property {Around} around
 * @property {string} label
 * @property {boolean} [inThread]
 * @property {unknown} [above]   what stands above the first row
 */

/** @extends {Component<Given>} */
export class Lines extends Component {
  dressing = new Dressing();
  /** @type {HTMLElement | null} */
  box = null;
  /** What is drawn. @type {Dressed[]} */
  rows = [];
  /** A drawing that is to come. */
  frame = 0;

  /** @override */
  componentDidMount() {
    const { view } = this.props;
    view.onRange = () => this.#soon();
    const unwatch = view.watch(/** @type {HTMLElement} */ (this.box));
    const print = () => this.#print(true);
    const printed = () => this.#print(false);
    addEventListener("beforeprint", print);
    addEventListener("afterprint", printed);
    // What lies between the ends of a selection is drawn, so that it can be copied.
    const selected = () => void (view.mounted.select() && this.#soon());
    document.addEventListener("selectionchange", selected);
    this.end = () => {
      unwatch();
      removeEventListener("beforeprint", print);
      removeEventListener("afterprint", printed);
      document.removeEventListener("selectionchange", selected);
    };
    this.componentDidUpdate();
  }

  /** @override */
  componentDidUpdate() {
    const { view } = this.props;
    view.mounted.put(this.rows.map(({ key }) => key));
    view.hold(this.box);
    if (!this.props.inThread) markFound(this.props.page, this.props.around.marked);
  }

  /** @override */
  componentWillUnmount() {
    cancelAnimationFrame(this.frame);
    this.props.view.onRange = () => {};
    this.end();
  }

  end = () => {};

  /** Draw in the next frame: what is missing in sight was drawn already. */
  #soon() {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      // It is drawn with all the rest, then: once is enough.
      if (!this.props.page.drawsSoon()) this.forceUpdate();
    });
  }

  /** @param {boolean} whole */
  #print(whole) {
    this.props.view.whole = whole;
    this.forceUpdate();
  }

  /** @override */
  render() {
    const { page, view, around, label, inThread = false, above } = this.props;
    // What was to come is drawn now.
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const ranges = view.ranges();
    const rows = (this.rows = this.dressing.all(ranges.flatMap(({ from, to }) => view.heights.rows.slice(from, to)), around));
    const gaps = new Map(ranges.map(({ from }, n) => [view.heights.keys[from], n === 0 ? 0 : view.heights.top(from) - view.heights.top(ranges[n - 1]?.to ?? 0)]));
    const last = ranges.at(-1)?.to ?? 0;
    // One list, in which what stays keeps its order: a node that moved would lose the focus.
    const drawn = rows.map((row) => {
      // A node of its own each time: one that is kept keeps the whole page it was first drawn in.
      const drawn = html`<${RowOf} key=${row.key} row=${row} page=${page} inThread=${inThread} />`;
      const px = gaps.get(row.key) ?? 0;
      return px > 0 ? [html`<${Gap} key=${`gap ${row.key}`} px=${px} />`, drawn] : [drawn];
    });
    return html`<div
      class=${inThread ? "log thread-log" : "log"}
      ref=${(/** @type {HTMLElement | null} */ box) => (this.box = box)}
      role="log"
      aria-live="off"
      aria-label=${label}
      tabindex="0"
      onScroll=${() => view.scrolled()}
      onKeyDown=${(/** @type {KeyboardEvent} */ event) => view.key(event)}
    >
      <div class="log-inside">
        ${above}
        <${Gap} px=${view.heights.top(ranges[0]?.from ?? 0)} put=${(/** @type {HTMLElement | null} */ gap) => (view.mounted.gap = gap)} />
        ${drawn.flat()}
        <${Gap} px=${roughly(view.heights.total - view.heights.top(last))} />
      </div>
    </div>`;
  }
}

/** Far from the end it may be some lines more: a box that grows at each message is laid out at each. @param {number} px */
function roughly(px) {
  return px < 8_192 ? px : 2_048 * Math.ceil(px / 2_048);
}

/** Space for rows that are not drawn. @param {{px: number, put?: (gap: HTMLElement | null) => void}} given */
function Gap({ px, put }) {
  /** @param {HTMLElement | null} gap */
  const sized = (gap) => {
    if (gap !== null) gap.style.blockSize = `${px}px`;
    put?.(gap);
  };
  return html`<div class="gap" ref=${sized}></div>`;
}
