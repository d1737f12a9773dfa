/** One room, inside of somebody else's page: what was said, and a line to write. Nothing of the rest of the chat. */

import { connect } from "../client/conclave.js";
import { asking } from "./asking.js";
import { speak } from "./words.js";

/** @import { Entry } from "../client/wire.js" */
/** @import { Item } from "../client/items.js" */

/** Lines that are shown; who wants more opens the chat itself. */
const MOST = 200;
/** Who is this near to the end stays there when something comes. */
const NEAR_PX = 40;

const root = document.documentElement;
const { language, dir, words } = speak(navigator.languages);
Object.assign(root, { lang: language, dir });

/** @template {HTMLElement} T @param {string} id @returns {T} */
const part = (id) => /** @type {T} */ (document.getElementById(id));
const list = part("lines");
const said = part("state");
const form = /** @type {HTMLFormElement} */ (part("write"));
const field = /** @type {HTMLInputElement} */ (part("text"));
list.setAttribute("aria-label", words.lines);
field.setAttribute("aria-label", words.write);
field.placeholder = words.write;
part("send").textContent = words.send;

const room = decodeURIComponent(location.hash.slice(1));
const address = new URL("/ws", location.href);
address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
address.hash = "";

const driver = connect({ url: address.href, onChange: draw, keep: false });
const token = asking({
  around: window.parent,
  origins: (root.dataset.origins ?? "").split(" "),
  hear: (listen) => {
    addEventListener("message", listen);
    return () => removeEventListener("message", listen);
  },
  later: (what, ms) => void setTimeout(what, ms),
});

driver.act((client, now) => {
  client.signIn(token, now);
  client.join(room);
});
look();
document.addEventListener("visibilitychange", look);
addEventListener("hashchange", () => location.reload());
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (text !== "" && driver.act((client, now) => client.say(room, text, now)) !== null) field.value = "";
});

/** What is in sight is read. */
function look() {
  driver.act((client) => (document.visibilityState === "visible" ? client.look(room) : client.lookAway()));
}

function draw() {
  const { client } = driver;
  const lines = client.linesOf(room).filter(({ type, deleted }) => type === "message" && !deleted);
  const waiting = client.outbox.of(room).filter(({ state }) => state !== "stored");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_PX;
  list.replaceChildren(...lines.slice(-MOST).map((line) => stored(client.shown(line))), ...waiting.map(pending));
  if (atEnd) list.scrollTop = list.scrollHeight;
  said.textContent = stateOf();
  form.hidden = client.state.name === "stopped" || refused();
}

function refused() {
  return (driver.client.rooms.get(room)?.refusal ?? null) !== null;
}

function stateOf() {
  if (refused()) return words.refused;
  switch (driver.client.state.name) {
    case "ready":
      return "";
    case "idle":
    case "stopped":
      return words.shut;
    case "connecting":
    case "authenticating":
      return words.coming;
    default:
      return words.lost;
  }
}

/** @param {Entry} line */
function stored({ user, text, timestamp }) {
  const time = document.createElement("time");
  const at = new Date(timestamp);
  time.dateTime = at.toISOString();
  time.textContent = at.toLocaleTimeString(language, { timeStyle: "short" });
  return row(user, text, time);
}

/** @param {Item} item */
function pending({ text }) {
  const line = row("", text ?? "");
  line.className = "waiting";
  return line;
}

/** @param {string} name @param {string} text @param {Node[]} more */
function row(name, text, ...more) {
  const line = document.createElement("li");
  const who = document.createElement("bdi");
  who.textContent = name;
  const words_ = document.createElement("p");
  words_.dir = "auto";
  words_.textContent = text;
  line.append(who, ...more, words_);
  return line;
}
