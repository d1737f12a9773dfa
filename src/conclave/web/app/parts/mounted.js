/** The rows of a log that are drawn: which element is whose, how tall each is, which has the focus. */

/** @import { Heights } from "../heights.js" */
/** @import { Range } from "../windows.js" */

export class Mounted {
  /** @param {(key: string, px: number) => boolean} onHeight   says whether that was news */
  constructor(onHeight) {
    this.onHeight = onHeight;
    /** @type {HTMLElement | null} */
    this.box = null;
    /** What stands above the first row. @type {HTMLElement | null} */
    this.gap = null;
    /** @type {Map<string, HTMLElement>} */
    this.elements = new Map();
    /** @type {WeakMap<Element, string>} */
    this.keys = new WeakMap();
    /** As they were measured, without margins. @type {WeakMap<Element, number>} */
    this.heights = new WeakMap();
    /** Those that were not measured since they were drawn. @type {Set<string>} */
    this.fresh = new Set();
    /** The rows in which a selection of text begins and ends. @type {string[]} */
    this.selected = [];
    /** @type {ResizeObserver | null} */
    this.sizes = null;
  }

  /** Tell of each change of a size; call what is returned to end it. @param {HTMLElement} box @param {(resized: boolean) => void} onChange   resized: the box itself */
  watch(box, onChange) {
    this.box = box;
    this.sizes = new ResizeObserver((entries) => {
      const news = entries.map(({ target, borderBoxSize }) => target === box || this.#resized(target, borderBoxSize[0]?.blockSize));
      if (news.includes(true)) onChange(entries.some(({ target }) => target === box));
    });
    this.sizes.observe(box);
    for (const element of this.elements.values()) this.sizes.observe(element, { box: "border-box" });
    return () => this.sizes?.disconnect();
  }

  /** What follows the first gap are the rows *drawn*, each as one element. @param {string[]} drawn */
  put(drawn) {
    const was = this.elements;
    this.elements = new Map();
    let element = this.gap?.nextElementSibling;
    for (const key of drawn) {
      while (element?.className === "gap") element = element.nextElementSibling;
      if (!(element instanceof HTMLElement)) break;
      this.elements.set(key, element);
      if (was.get(key) !== element) this.#begin(key, element);
      element = element.nextElementSibling;
    }
    for (const [key, old] of was) if (this.elements.get(key) !== old) this.sizes?.unobserve(old);
  }

  /** @param {string} key @param {HTMLElement} element */
  #begin(key, element) {
    this.keys.set(element, key);
    this.fresh.add(key);
    this.sizes?.observe(element, { box: "border-box" });
  }

  /** Measure what was drawn last. */
  measure() {
    for (const key of this.fresh) this.#measure(key);
    this.fresh.clear();
  }

  /** Of what is drawn anew its height is told, too, which was measured already. @param {Element} element @param {number | undefined} height */
  #resized(element, height) {
    const key = this.keys.get(element);
    return height !== this.heights.get(element) && key !== undefined && this.elements.get(key) === element && this.#measure(key);
  }

  /** @param {string} key */
  #measure(key) {
    const element = this.elements.get(key);
    if (!element?.isConnected) return false;
    const { marginBlockStart, marginBlockEnd } = getComputedStyle(element);
    const { height } = element.getBoundingClientRect();
    this.heights.set(element, height);
    return this.onHeight(key, height + parseFloat(marginBlockStart) + parseFloat(marginBlockEnd));
  }

  /** @param {string} key */
  has(key) {
    return this.elements.has(key);
  }

  /** @param {string} key @returns {HTMLElement | null} */
  elementOf(key) {
    return this.elements.get(key) ?? null;
  }

  /** How far below the upper edge of the box the row *key* begins; null while it is not drawn. @param {string} key */
  topOf(key) {
    const element = this.elements.get(key);
    return element?.isConnected ? element.getBoundingClientRect().top - this.#edge : null;
  }

  get #edge() {
    return this.box?.getBoundingClientRect().top ?? 0;
  }

  /** How far below the beginning of what is scrolled the first row begins, drawn or not. */
  start() {
    if (this.gap === null || this.box === null) return 0;
    return this.gap.getBoundingClientRect().top - this.#edge + this.box.scrollTop;
  }

  /** The first message in sight, or the first other row if there is no message. @param {Heights} heights @param {Range} range */
  firstSeen({ keys, rows }, { from, to }) {
    const edge = this.#edge;
    let low = from;
    let high = to;
    while (low < high) {
      const middle = (low + high) >> 1;
      const bottom = this.elements.get(keys[middle] ?? "")?.getBoundingClientRect().bottom ?? -Infinity;
      if (bottom > edge) high = middle;
      else low = middle + 1;
    }
    let at = low;
    while (at < to && rows[at]?.kind !== "message" && rows[at]?.kind !== "pending") at += 1;
    const key = keys[at < to ? at : low];
    const top = key === undefined ? null : this.topOf(key);
    return key === undefined || top === null ? null : { key, top };
  }

  /** The row that *element* is. @param {Element} element @returns {string | null} */
  keyOf(element) {
    return this.keys.get(element) ?? null;
  }

  /** The row that the focus is in. @returns {string | null} */
  focused() {
    return this.#around(document.activeElement);
  }

  /** The selection of text has changed: note in which rows it begins and ends. @returns {boolean} whether it is in here */
  select() {
    const selection = document.getSelection();
    const ends = selection === null || selection.isCollapsed ? [] : [selection.anchorNode, selection.focusNode];
    this.selected = ends.map((node) => this.#around(node)).filter((key) => key !== null);
    return this.selected.length > 0;
  }

  /** @param {Node | null} node @returns {string | null} */
  #around(node) {
    if (this.box === null || node === null || node === this.box || !this.box.contains(node)) return null;
    for (let at = /** @type {Node | null} */ (node); at !== null && at !== this.box; at = at.parentNode) {
      const key = at instanceof Element ? this.keys.get(at) : undefined;
      if (key !== undefined) return key;
    }
    return null;
  }
}
