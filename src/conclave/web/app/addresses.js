/**
 * Which addresses a text may link to, and whether what is shown for one says where it leads.
 * It opens nothing and asks nobody.
 */

import { placeOf } from "./route.js";

/**
 * @typedef {object} Address
 * @property {string} href
 * @property {boolean} here          a place in this page: followed in it
 * @property {string | null} shows   what to show beside the label, where that looks like another address
 */

const SCHEMES = new Set(["http:", "https:", "mailto:"]);
const WEB = /^https?:\/\//i;
/** A word that a reader takes for an address. */
const LOOKS_LIKE_ONE = /^(?:[a-z][a-z\d+.-]*:|www\.|\/\/)|^[^\s/@]+@[^\s/@]+\.[^\s/@]+$|^[^\s/]+\.[\p{L}]{2,}(?:[:/?#].*)?$/iu;

/**
 * Where *target*, shown as *label*, leads; null when nothing may lead there.
 *
 * @param {string} target @param {string} label @param {string} [home]   the page's own address, without a fragment
 * @returns {Address | null}
 */
export function addressOf(target, label, home = "") {
  const url = read(target);
  if (url === null || !SCHEMES.has(url.protocol)) return null;
  const here = home !== "" && url.href.split("#", 1)[0] === home && placeOf(url.hash).room !== null;
  return { href: url.href, here, shows: tells(url, label.trim()) ? null : shortOf(url) };
}

/** @param {string} target */
function read(target) {
  // A browser drops line breaks and tabs in an address, and takes some without slashes: neither is one here.
  if (!/^(?:https?:\/\/|mailto:)[^\s\p{Cc}]+$/iu.test(target)) return null;
  try {
    return new URL(target);
  } catch {
    return null;
  }
}

/** Whether *label* does not claim to lead elsewhere than to *url*. @param {URL} url @param {string} label */
function tells(url, label) {
  if (url.username !== "" || url.password !== "") return false;
  const words = label.split(/\s+/).filter((word) => LOOKS_LIKE_ONE.test(word));
  return words.every((word) => same(url, word));
}

/** @param {URL} url @param {string} word */
function same(url, word) {
  if (url.protocol === "mailto:") return word.replace(/^mailto:/i, "").toLowerCase() === url.pathname.toLowerCase();
  const claimed = read(WEB.test(word) ? word : `https://${word}`);
  if (claimed === null || plainHost(claimed) !== plainHost(url)) return false;
  // A host in other letters than the address has is shown as it is really written.
  if (!word.toLowerCase().includes(plainHost(url))) return false;
  return !WEB.test(word) || withoutSlash(claimed.href) === withoutSlash(url.href);
}

/** @param {URL} url */
const plainHost = ({ host }) => host.replace(/^www\./, "");

/** @param {string} href */
const withoutSlash = (href) => href.replace(/\/$/, "");

/** @param {URL} url */
const shortOf = (url) => (url.protocol === "mailto:" ? url.pathname : withoutSlash(url.href));
