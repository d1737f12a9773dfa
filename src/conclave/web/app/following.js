/**
 * What follows for the page from a change of the client: somebody came in or was let out, the
 * connection is new, other things are unread.
 */

import { isNow } from "../client/hearing.js";
import { asks } from "./asks.js";
import { words } from "./words.js";

/** @import { Page } from "./page.js" */

export class Following {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    /** Whether the whole page was read since the connection came. */
    this.fresh = false;
  }

  /** Called after each change. */
  follow() {
    const { page } = this;
    const { state, me } = page.client;
    if (state.name === "ready") page.door.cameIn();
    // Who was here before sees what was kept before the server lets them in.
    if (page.entered && me !== null) {
      if (page.of !== me.id) this.#begin(me.id);
      page.going.arrive();
    }
    if (state.name === "stopped") page.door.ended();
    if (state.name === "ready" && !this.fresh) this.#arrived();
    this.fresh = state.name === "ready";
    page.knocking.follow();
    page.trays?.follow();
    page.notices.follow();
    void page.pushes.sweep();
    page.idleness.follow();
    page.favicon.show(page.entered ? page.unread : 0, page.entered ? page.mentions : 0);
    page.title.show(words.title(page.unread, page.mentions, this.#titleOf(page.place.room)));
  }

  /** @param {string} user */
  #begin(user) {
    const { page } = this;
    page.of = user;
    page.keeping.belongTo(user);
    page.writing.begin();
    if (page.trays !== null) page.trays.begin();
    else if (page.keeping.files !== undefined) void page.attaching();
    page.going.left = page.keeping.left;
  }

  /** The connection is new: what the server does not tell by itself is asked for. */
  #arrived() {
    const { page } = this;
    void page.version?.cameIn();
    if (page.door.ways.must.includes("second_factor")) {
      page.told = words.account.must;
      page.dialog = { name: "account", part: "factors" };
      return;
    }
    void page.ignored.read();
    void page.pushes.look();
    void asks(page, (client, done) => client.questions.profile(page.of, done)).then(({ refusal, found }) => {
      if (refusal === null) isNow(page.client, page.of, found.status || "online");
      page.changed();
    });
  }

  /** @param {string | null} room */
  #titleOf(room) {
    return room === null || !this.page.entered ? null : (this.page.infoOf(room)?.title ?? room);
  }
}
