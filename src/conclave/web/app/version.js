/**
 * Which version of the page this is, whether the server has a newer one, and the worker that
 * keeps it for when the server cannot be reached.
 *
 * A newer one is told and not taken: somebody may be writing. Where there is no worker, such as
 * in a page that came neither by https nor from this machine, newer versions are told as well.
 */

const WORKER = "/service-worker.js";
/** How long the page is left to the person before anything is kept for later. */
const QUIET_MS = 10_000;

export class Version {
  /** @param {{window: Window & typeof globalThis, folder: string, quietMs?: number, onNewer: () => void}} given   folder: where the files of this version are */
  constructor({ window, folder, quietMs = QUIET_MS, onNewer }) {
    this.window = window;
    this.folder = folder;
    this.quietMs = quietMs;
    this.onNewer = onNewer;
    this.newer = false;
    this.begun = false;
    /** @type {ServiceWorkerRegistration | null} */
    this.registration = null;
  }

  /** The server let one in, for the first time or again: it may have been renewed meanwhile. */
  async cameIn() {
    if (!this.begun) {
      this.begun = true;
      this.window.setTimeout(() => void this.#register(), this.quietMs);
      return;
    }
    if (await this.#isNewer()) this.#tell();
  }

  /** Show the version that the server has. */
  reload() {
    this.registration?.waiting?.postMessage("take over");
    this.window.location.reload();
  }

  /** Not now. */
  dismiss() {
    this.newer = false;
  }

  #tell() {
    this.newer = true;
    this.onNewer();
    void this.registration?.update().catch(() => {});
  }

  /** Whether the page at the server names another folder; where it cannot be asked, not. */
  async #isNewer() {
    try {
      const answer = await this.window.fetch("/", { credentials: "omit", cache: "no-cache" });
      return answer.ok && !(await answer.text()).includes(`${this.folder}/`);
    } catch {
      return false;
    }
  }

  async #register() {
    const { serviceWorker } = this.window.navigator;
    if (serviceWorker === undefined) return;
    try {
      this.registration = await serviceWorker.register(/** @type {string} */ (this.#address()));
    } catch {
      // It is not needed: private windows, for one, may refuse it.
      return;
    }
    // Who waits has the version of this page, unless the server has a newer one again.
    const { waiting } = this.registration;
    if (waiting !== null && !(await this.#isNewer())) waiting.postMessage("take over");
  }

  /** The one address that may become a script, under the one policy that the page has. */
  #address() {
    const { trustedTypes } = /** @type {any} */ (this.window);
    if (trustedTypes === undefined) return WORKER;
    const policy = trustedTypes.createPolicy("worker", { createScriptURL: () => WORKER });
    return policy.createScriptURL("");
  }
}
