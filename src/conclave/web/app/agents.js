/** What a device calls itself, in two words: good enough to tell one's own apart. */

const BROWSERS = /** @type {[RegExp, string][]} */ ([
  [/\bEdgA?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\bFirefox\//, "Firefox"],
  [/\b(?:Headless)?Chrome\//, "Chrome"],
  [/\bVersion\/[\d.]+.*Safari\//, "Safari"],
]);

const SYSTEMS = /** @type {[RegExp, string][]} */ ([
  [/\bAndroid\b/, "Android"],
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b/, "Mac"],
  [/\bLinux\b/, "Linux"],
]);

/** @param {string} agent @returns {{browser: string, system: string}} what is no browser is called what it calls itself */
export function deviceOf(agent) {
  const named = (/** @type {[RegExp, string][]} */ known) => known.find(([mark]) => mark.test(agent))?.[1] ?? "";
  const browser = named(BROWSERS);
  return browser === "" ? { browser: agent.slice(0, 60), system: "" } : { browser, system: named(SYSTEMS) };
}
