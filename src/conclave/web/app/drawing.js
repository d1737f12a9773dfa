/**
 * When the page is drawn: at once after what its person does, and at most once a frame after
 * what comes from the server. No drawing inside another one, which breaks both.
 */

/** A page that is hidden has no frames, but a title and a number on its icon. */
const HIDDEN_MS = 250;

export class Drawing {
  /**
   * @param {() => void} draw
   * @param {{frame: (what: () => void) => number, noFrame: (id: number) => void, later: (what: () => void, ms: number) => number, never: (id: number) => void}} clock
   */
  constructor(draw, clock) {
    this.draw = draw;
    this.clock = clock;
    this.drawing = false;
    this.again = false;
    this.frame = 0;
    this.timer = 0;
  }

  /** Draw before this returns, or right after the drawing that is under way. */
  now() {
    this.again = this.drawing;
    if (this.drawing) return;
    this.#forget();
    this.drawing = true;
    try {
      this.draw();
    } finally {
      this.drawing = false;
    }
    if (this.again) queueMicrotask(() => this.now());
  }

  /** Draw with the next frame. */
  soon() {
    if (this.frame !== 0) return;
    this.frame = this.clock.frame(() => this.now());
    this.timer = this.clock.later(() => this.now(), HIDDEN_MS);
  }

  #forget() {
    this.clock.noFrame(this.frame);
    this.clock.never(this.timer);
    this.frame = 0;
  }
}
