/** Where the reader of a log is, and how to stay there while lines come in above and below. */

/** Nearer to the end than this counts as at the end: half a line of rounding and zoom. */
const END_PX = 24;
/** Older and newer pages are read this many screens ahead. */
const SCREENS_AHEAD = 2;

export class View {
  constructor() {
    /** @type {HTMLElement | null} */
    this.box = null;
    /** Whether the end is in sight; not before there is something to see. */
    this.atEnd = false;
    /** Whether it is known what there is to see. */
    this.begun = false;
    /** Whether what is shown ends where the room does. */
    this.follows = true;
    /** Go to the end as soon as it is shown. */
    this.wantsEnd = false;
    /** The first line in sight, and how far below the upper edge it begins. @type {{line: Element, top: number} | null} */
    this.anchor = null;
    this.opened = false;
    /** @type {(atEnd: boolean) => void} */
    this.onEnd = () => {};
    /** @type {() => unknown} */
    this.onTop = () => {};
    /** @type {() => unknown} */
    this.onBottom = () => {};
  }

  /** Watch the box for changes of its size, such as a keyboard that comes up. @param {HTMLElement} box */
  watch(box) {
    const sizes = new ResizeObserver(() => this.hold(box));
    sizes.observe(box);
    return () => sizes.disconnect();
  }

  /** After each drawing: be where the reader was. @param {HTMLElement | null} box */
  hold(box) {
    this.box = box;
    if (box === null) return;
    if (!this.follows) this.#setAtEnd(false);
    if (!this.opened && box.querySelector(".line") !== null) this.#open(box);
    else if (!this.opened) this.#setAtEnd(this.begun);
    else if (this.follows && (this.atEnd || this.wantsEnd)) this.#end(box);
    else if (this.anchor?.line.isConnected) box.scrollTop += this.#topOf(this.anchor.line) - this.anchor.top;
    this.#remember();
  }

  scrolled() {
    if (this.box === null) return;
    this.#setAtEnd(this.follows && this.#below(this.box) < END_PX);
    this.#remember();
  }

  toEnd() {
    if (this.box === null) return;
    this.box.scrollTop = this.box.scrollHeight;
    this.scrolled();
  }

  /** Bring the element *id* into sight and give it the focus; false when it is not there. @param {string} id */
  show(id) {
    const line = document.getElementById(id);
    if (line === null || this.box === null) return false;
    line.scrollIntoView({ block: "center" });
    line.focus({ preventScroll: true });
    this.scrolled();
    return true;
  }

  /** Arrows, Home and End go from message to message. @param {KeyboardEvent} event */
  key(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (this.box === null || event.defaultPrevented || !(target === this.box || target.matches(".line"))) return;
    const lines = /** @type {HTMLElement[]} */ ([...this.box.querySelectorAll(".line")]);
    const at = lines.indexOf(target);
    const next = {
      ArrowUp: at === -1 ? lines.length - 1 : Math.max(0, at - 1),
      ArrowDown: at === -1 ? lines.length - 1 : Math.min(lines.length - 1, at + 1),
      Home: 0,
      End: lines.length - 1,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    lines[next]?.focus();
  }

  /** Begin at the rule of what is new, or at the end. @param {HTMLElement} box */
  #open(box) {
    this.opened = true;
    const rule = box.querySelector(".new-rule");
    if (rule === null) box.scrollTop = box.scrollHeight;
    else rule.scrollIntoView({ block: "center" });
    this.scrolled();
  }

  /** @param {HTMLElement} box */
  #end(box) {
    this.wantsEnd = false;
    box.scrollTop = box.scrollHeight;
    this.#setAtEnd(true);
  }

  /** @param {boolean} atEnd */
  #setAtEnd(atEnd) {
    if (atEnd === this.atEnd) return;
    this.atEnd = atEnd;
    this.onEnd(atEnd);
  }

  /** How much is below what is in sight. @param {HTMLElement} box */
  #below({ scrollTop, scrollHeight, clientHeight }) {
    return scrollHeight - scrollTop - clientHeight;
  }

  #remember() {
    if (this.box === null) return;
    const { top } = this.box.getBoundingClientRect();
    this.anchor = null;
    for (const line of this.box.querySelectorAll(".line")) {
      if (line.getBoundingClientRect().bottom <= top) continue;
      this.anchor = { line, top: this.#topOf(line) };
      break;
    }
    const ahead = SCREENS_AHEAD * this.box.clientHeight;
    if (this.opened && this.box.scrollTop < ahead) this.onTop();
    if (this.opened && this.#below(this.box) < ahead) this.onBottom();
  }

  /** @param {Element} line */
  #topOf(line) {
    return line.getBoundingClientRect().top - (this.box?.getBoundingClientRect().top ?? 0);
  }
}
