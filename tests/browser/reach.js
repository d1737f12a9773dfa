/**
 * What of the page a person cannot get at. Run inside of it by reach.py, which takes this file as
 * the body of a function: it imports nothing.
 *
 * It looks at what lies on top, such as an open dialog, and asks of each control and each piece of
 * text whether it can be scrolled to where one sees it, by scrolling that a person can do.
 */

/** @typedef {{left: number, top: number, right: number, bottom: number}} Box */
/** @typedef {{box: Element, top: number, left: number}} Place   how far something is scrolled */

/** Lines that must not be broken are what one scrolls sideways for, and a picture that is wanted in its own size. */
const ALONG = ".fence-code, .text-table, .viewer-stage[data-full=true]";
/** What is shortened and says so by a button. */
const FOLDED = "[data-folded=true]";
const CONTROLS = "a[href], button, input, select, textarea, summary, [tabindex], [role=option]";
const FIELDS = "input, select, textarea";
/** Neither is there where it is in the way: at the newest message, or once the mouse is elsewhere. */
const PASSING = ".jump, .tools";
/** It is there while a hand holds files over the page, which can do nothing else meanwhile. */
const HELD = ".drop-target";
const EDGE_PX = 1;
/** Three lines and what is around them: of what is higher this much is seen at a time. */
const LEAST_PX = 80;

/** @param {Element} one */
const style = (one) => getComputedStyle(one);

/** @param {Element} one */
const cuts = (one) => ["hidden", "clip"].includes(style(one).overflowY);

/** @param {Element} one */
function named(one) {
  const said = (one.ariaLabel ?? one.textContent ?? "").trim().replaceAll(/\s+/g, " ");
  return `${one.tagName.toLowerCase()}.${one.getAttribute("class") ?? ""} «${said.slice(0, 40)}»`;
}

/** Whether it is said and not shown. @param {Element | null} one @returns {boolean} */
const hidden = (one) => one !== null && (style(one).clipPath === "inset(50%)" || hidden(one.parentElement));

/** What lies above everything else. */
function onTop() {
  return (
    [...document.querySelectorAll(":popover-open")].at(-1) ??
    [...document.querySelectorAll("dialog[open]")].at(-1) ??
    document.querySelector("details.menu[open] > .menu-panel, .suggestions, .page-note") ??
    document.body
  );
}

/** What *top* shows; the skip link is ready for the keyboard alone. @param {Element} top */
function shownIn(top) {
  return [...top.querySelectorAll("*")].filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.closest(".skip") === null && !hidden(one));
}

/** @param {Element} one */
const shortened = (one) => style(one).textOverflow === "ellipsis" || style(one).webkitLineClamp !== "none";

/** Whether *one* is part of what is shortened. @param {Element | null} one @returns {boolean} */
const inShort = (one) => one !== null && (shortened(one) || inShort(one.parentElement));

/** What is wrong with the size of *one* itself, "" if nothing. @param {Element} one */
function tooMuch(one) {
  if (one.closest("svg") !== null || one.clientWidth === 0 || one.matches(FIELDS)) return "";
  const wide = one.scrollWidth - one.clientWidth;
  const high = one.scrollHeight - one.clientHeight;
  if (shortened(one)) {
    const whole = one.closest("[title], a[href], button") !== null;
    return whole || Math.max(wide, high) <= EDGE_PX ? "" : `shortened: ${named(one)}`;
  }
  const scrolls = style(one).overflowX !== "visible" || one === document.documentElement;
  if (wide > EDGE_PX && scrolls && !one.matches(ALONG)) return `sideways by ${wide}: ${named(one)}`;
  return high > EDGE_PX && cuts(one) && !one.matches(FOLDED) ? `cut off by ${high}: ${named(one)}` : "";
}

/** What of *rect* the boxes around *one* let through: they scroll, or they cut off. @param {Element} one @param {Box} rect @returns {Box} */
function letThrough(one, rect) {
  let { left, right, top, bottom } = rect;
  /** @param {Box} edge */
  const within = (edge) => {
    [left, right] = [Math.max(left, edge.left), Math.min(right, edge.right)];
    [top, bottom] = [Math.max(top, edge.top), Math.min(bottom, edge.bottom)];
  };
  for (let box = one.parentElement; box !== null && box !== document.documentElement; box = box.parentElement) {
    const { overflowX, overflowY } = style(box);
    if (overflowX !== "visible" || overflowY !== "visible") within(box.getBoundingClientRect());
  }
  within({ left: 0, top: 0, right: innerWidth, bottom: innerHeight });
  return { left, right, top, bottom };
}

/** Whether nothing covers *one* in the middle of what is seen of it. @param {Element} one @param {Box} seen */
function uncovered(one, { left, right, top, bottom }) {
  const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  if (hit === null) return false;
  if (hit.closest(HELD) !== null) return true;
  if (hit.closest(PASSING) !== null && one.closest(".log") !== null) return true;
  if (one.contains(hit) || one.closest("label")?.contains(hit) === true) return true;
  return hit.contains(one) && hit.closest(CONTROLS) === one.closest(CONTROLS);
}

/** The whole of it, or as much as a screen has of what is higher than that. @param {Box} rect @param {Box} seen */
function isWhole(rect, seen) {
  const along = seen.left <= rect.left + EDGE_PX && seen.right >= rect.right - EDGE_PX;
  return along && seen.bottom - seen.top >= Math.min(rect.bottom - rect.top, LEAST_PX) - EDGE_PX;
}

/** Whether *one* can be brought into sight, while what only a script can scroll stays. @param {Element} one @param {() => Box} rectOf @param {Place[]} stuck */
function reached(one, rectOf, stuck) {
  const ways = /** @type {ScrollLogicalPosition[]} */ (["nearest", "center", "start", "end"]);
  return ways.some((block) => {
    one.scrollIntoView({ block, inline: "nearest", behavior: "instant" });
    const rect = rectOf();
    const seen = letThrough(one, rect);
    return isWhole(rect, seen) && uncovered(one, seen) && stuck.every(({ box, top, left }) => box.scrollTop === top && box.scrollLeft === left);
  });
}

/** The text that *one* has itself. @param {Element} one */
const textOf = (one) => [...one.childNodes].find((node) => node.nodeType === Node.TEXT_NODE && (node.textContent ?? "").trim() !== "");

/** @param {Node} text @returns {Box & {width: number}} */
function around(text) {
  const range = document.createRange();
  range.selectNodeContents(text);
  return range.getBoundingClientRect();
}

/** What is wrong with where *one* is, "" if nothing. @param {Element} one @param {Place[]} stuck */
function tooFar(one, stuck) {
  if (one.closest(ALONG) !== null) return "";
  if (one.matches(CONTROLS) && one.clientWidth > 0) {
    return reached(one, () => one.getBoundingClientRect(), stuck) ? "" : `out of reach: ${named(one)}`;
  }
  const text = textOf(one);
  if (text === undefined || inShort(one) || one.closest(FOLDED) !== null || around(text).width === 0) return "";
  return reached(one, () => around(text), stuck) ? "" : `not to be read: ${named(one)}`;
}

/** All of it in words; what was scrolled is where it was. */
export function outOfReach() {
  const top = onTop();
  const shown = shownIn(top);
  const boxes = [...document.querySelectorAll("*")].filter((box) => box.scrollHeight > box.clientHeight || box.scrollWidth > box.clientWidth);
  const places = boxes.map((box) => ({ box, top: box.scrollTop, left: box.scrollLeft }));
  const stuck = places.filter(({ box }) => cuts(box));
  const found = [document.documentElement, top, ...shown].map(tooMuch);
  for (const one of shown) {
    found.push(tooFar(one, stuck));
    for (const { box, top: y, left: x } of places) box.scrollTo({ top: y, left: x, behavior: "instant" });
  }
  return found.filter((wrong) => wrong !== "");
}
