/**
 * Being notified while the page is closed: by the browser's push service, where the browser
 * has one and the server pushes. It is asked for by a press, like everything of that kind.
 */

import { asks } from "./asks.js";
import { asText } from "../client/wire.js";

/** @import { Page } from "./page.js" */

export class Pushes {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    /** @type {ServiceWorkerContainer | undefined} */
    this.workers = page.window.navigator.serviceWorker;
    /** Whether this browser is pushed to, for whoever is in; null until that is known. @type {boolean | null} */
    this.on = null;
    /** Of which state of what is unread the worker's notifications are. */
    this.swept = -1;
    /** What went wrong last. */
    this.wrong = "";
    this.workers?.addEventListener("message", ({ data }) => this.#told(data));
  }

  /** Whether the browser knows of such things at all. */
  get able() {
    return this.workers !== undefined && "PushManager" in this.page.window;
  }

  /** Look whether this browser is subscribed, and say so to the server again: one may be in anew. */
  async look() {
    if (!this.able) return;
    const subscription = await this.#subscription();
    this.on = subscription !== null && this.page.notices.wishes.pushed;
    if (this.on && subscription !== null) await this.#renew(subscription);
    this.page.changed();
  }

  /** @param {PushSubscription} subscription */
  async #renew(subscription) {
    const { refusal, found } = await this.#key();
    if (refusal !== null) return;
    // The server may have another key by now: what was made with the old one is worth nothing.
    if (keyOf(subscription) !== "" && keyOf(subscription) !== found) {
      await subscription.unsubscribe();
      await this.#subscribe().catch(() => void (this.wrong = "unable"));
    } else this.wrong = await this.#tell(subscription);
  }

  /** Be pushed to in this browser. */
  async turnOn() {
    this.wrong = "";
    try {
      if ((await Notification.requestPermission()) === "granted") await this.#subscribe();
      else this.wrong = "denied";
    } catch {
      // No push service, or the browser does not want to.
      this.wrong = "unable";
    }
    this.page.changed();
  }

  async turnOff() {
    const subscription = await this.#subscription();
    if (subscription !== null) {
      await asks(this.page, (client, done) => client.ask("push:unsubscribe", { endpoint: subscription.endpoint }, done));
      await subscription.unsubscribe();
    }
    this.page.notices.wishes.pushed = false;
    this.on = false;
    this.page.changed();
  }

  /** Whether what was written shall be in it. @param {boolean} text */
  async setText(text) {
    this.page.notices.wishes.pushText = text;
    await this.look();
  }

  /** One signs out: this browser is nobody's any more. */
  leave() {
    this.on = null;
    void this.#subscription().then((subscription) => subscription?.unsubscribe());
  }

  /** What the worker shows of what is read by now goes: called after each change. */
  async sweep() {
    const { unread } = this.page.client;
    if (this.on !== true || this.swept === unread.changes) return;
    this.swept = unread.changes;
    const registration = await this.workers?.getRegistration("/");
    for (const shown of (await registration?.getNotifications()) ?? []) {
      if ((unread.markOf(shown.data?.room) ?? 0) >= shown.data?.seq) shown.close();
    }
  }

  async #subscribe() {
    const { refusal, found } = await this.#key();
    if (refusal !== null || found === "") return void (this.wrong = "off");
    const registration = await this.workers?.getRegistration("/");
    if (registration === undefined) return void (this.wrong = "unable");
    const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: found });
    this.wrong = await this.#tell(subscription);
    this.on = this.page.notices.wishes.pushed = this.wrong === "";
  }

  /** @returns {Promise<{refusal: unknown, found: string}>} */
  async #key() {
    const { refusal, found } = await asks(this.page, (client, done) => client.ask("push:get", {}, done));
    return { refusal, found: asText(found?.data.key) };
  }

  async #subscription() {
    const registration = await this.workers?.getRegistration("/");
    return (await registration?.pushManager?.getSubscription()) ?? null;
  }

  /** @param {PushSubscription} subscription @returns {Promise<string>} what went wrong */
  async #tell(subscription) {
    const { endpoint, keys } = subscription.toJSON();
    const wanted = { endpoint, p256dh: keys?.p256dh, auth: keys?.auth, with_text: this.page.notices.wishes.pushText };
    const { refusal } = await asks(this.page, (client, done) => client.ask("push:subscribe", wanted, done));
    return refusal === null ? "" : "refused";
  }

  /** The worker says where to go. @param {unknown} data */
  #told(data) {
    const go = typeof data === "object" && data !== null && "go" in data ? data.go : null;
    if (typeof go === "string" && /^#[^/]+\/\d+$/.test(go)) this.page.going.to(go, Number(go.split("/")[1]));
  }
}

/** The key of the server that *subscription* was made with, base64url; "" where the browser does not say. @param {PushSubscription} subscription */
function keyOf({ options }) {
  const key = options?.applicationServerKey;
  if (!key) return "";
  const text = btoa(String.fromCharCode(...new Uint8Array(key)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
