/**
 * Why no connection comes about. A server that was told to stop says so when it goes. Of a socket
 * that did not open a browser says only that it did not; so the server is asked over HTTP, once for
 * each one. What it says holds until one opens.
 */

import { CLOSE, STOPPED_REASON } from "../client/codes.js";
import { asNumber, asText } from "../client/wire.js";
import { answerOf } from "./api/http.js";

/** @import { Driver } from "../client/driver.js" */
/** @import { Answer, Http } from "./api/http.js" */
/**
 * @typedef {"away" | "refused" | "full" | "crowded" | "stopping"} Shut   refused: the server is there, and somebody lets no socket through
 * @typedef {{why: Shut, places: number}} Found   places: how many there are, 0 for unknown
 */

/** As long as a socket may take to open. */
const PATIENCE_MS = 10_000;
/** That a door is open means something only the second time: a server that starts opens it late. */
const OPEN_DOORS = 2;

export class Knocking {
  /** @param {{driver: Driver, http: Http, onChange: () => void}} given */
  constructor({ driver, http, onChange }) {
    this.driver = driver;
    this.http = http;
    this.onChange = onChange;
    /** @type {Found | null} */
    this.found = null;
    /** Up to which of the sockets that did not open it was asked. */
    this.asked = 0;
    this.open = 0;
    this.busy = false;
    /** Whether the last one that was open ended as the server was told to stop. */
    this.stopped = false;
  }

  /** Called after each change of the connection. */
  follow() {
    const { unopened, online, lastClose } = this.driver.client.connection;
    if (unopened === 0) {
      this.stopped = lastClose?.code === CLOSE.GOING_AWAY && lastClose.reason === STOPPED_REASON;
      this.asked = this.open = 0;
      this.found = null;
    } else if (unopened !== this.asked && online && !this.busy) {
      this.asked = unopened;
      void this.#knock();
    }
  }

  async #knock() {
    this.busy = true;
    const answer = await answerOf(await this.http.send("GET", "door", undefined, AbortSignal.timeout(PATIENCE_MS)));
    this.busy = false;
    // Meanwhile one has opened.
    if (this.asked === 0 || this.driver.client.connection.unopened === 0) return;
    this.#take(answer);
    this.onChange();
  }

  /** @param {Answer} answer */
  #take(answer) {
    const { data, refusal } = answer;
    const why = whyOf(answer);
    this.open = why === "refused" ? this.open + 1 : 0;
    if (why !== "refused" || this.open >= OPEN_DOORS) this.found = { why, places: asNumber(data.places, 0) };
    const rest = asNumber(data.retry_after_ms, refusal?.retryAfterMs ?? 0);
    if (why !== "refused" && rest > 0) this.driver.act(({ connection }, now) => connection.rest(rest, now));
  }
}

/** @param {Answer} answer @returns {Shut} */
function whyOf({ status, refusal, data }) {
  if (status === 0 || status >= 500) return "away";
  if (status === 429) return "crowded";
  if (refusal !== null || data.open !== false) return "refused";
  const why = asText(data.why);
  return why === "full" || why === "crowded" || why === "stopping" ? why : "refused";
}
