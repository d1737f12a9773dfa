/** The icon of the tab, with the number of what is unread on it: drawn, so that there is no file for each. */

import { Seldom } from "./seldom.js";

const SIZE = 64;
/** The keyhole of icon.svg, twice as large. */
const KEYHOLE = "M32 14a11 11 0 0 0-6 20.2L23.2 50h17.6L38 34.2A11 11 0 0 0 32 14z";

export class Favicon {
  /** @param {Window} window */
  constructor(window) {
    const { document } = window;
    this.document = document;
    this.plain = /** @type {HTMLLinkElement | null} */ (document.querySelector('link[rel="icon"]'))?.href ?? "";
    this.text = new Seldom(window, (text) => this.#put(text === "" ? this.plain : this.#drawn(text.replace("@", ""), text.startsWith("@"))), "");
  }

  /** Show how much is unread, and whether some of it names one. @param {number} unread @param {number} mentions */
  show(unread, mentions) {
    const number = mentions > 0 ? mentions : unread;
    if (this.plain !== "") this.text.show(number === 0 ? "" : `${mentions > 0 ? "@" : ""}${number > 99 ? "99+" : number}`);
  }

  /** Browsers take no notice of a link that changes: it is a new one. @param {string} href */
  #put(href) {
    const link = this.document.createElement("link");
    Object.assign(link, { rel: "icon", href });
    this.document.querySelector('link[rel="icon"]')?.remove();
    this.document.head.append(link);
  }

  /** @param {string} text @param {boolean} named @returns {string} a data address */
  #drawn(text, named) {
    const canvas = this.document.createElement("canvas");
    canvas.width = canvas.height = SIZE;
    const on = canvas.getContext("2d");
    if (on === null) return this.plain;
    const style = getComputedStyle(this.document.documentElement);
    const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
    fillRound(on, 0, 0, SIZE, SIZE, 14, colour("--accent"));
    on.fillStyle = colour("--on-accent");
    on.fill(new Path2D(KEYHOLE));
    on.font = `600 34px ${style.fontFamily}`;
    const wide = Math.max(34, on.measureText(text).width + 14);
    fillRound(on, SIZE - wide, SIZE - 38, wide, 38, 12, colour(named ? "--danger" : "--brass"));
    on.fillStyle = colour("--on-accent");
    on.textAlign = "center";
    on.textBaseline = "middle";
    on.fillText(text, SIZE - wide / 2, SIZE - 18);
    return canvas.toDataURL("image/png");
  }
}

/** @param {CanvasRenderingContext2D} on @param {number} x @param {number} y @param {number} wide @param {number} high @param {number} radius @param {string} colour */
function fillRound(on, x, y, wide, high, radius, colour) {
  on.fillStyle = colour;
  on.beginPath();
  on.roundRect(x, y, wide, high, radius);
  on.fill();
}
