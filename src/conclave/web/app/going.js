/**
 * Where one is in the page: the place that the address names, which rooms are open, closed
 * in this tab, joined on the way; and what of it is seen.
 */

import { placeOf } from "./route.js";

/** @import { Page } from "./page.js" */
/** @import { Refusal } from "../client/requests.js" */

export class Going {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    this.place = placeOf(page.window.location.hash);
    /** Whether the end of the open room's log is in sight. */
    this.atEnd = false;
    /** The rooms that were closed in this tab; one is a member still. */
    this.left = page.keeping.left;
  }

  /** Go to the address *hash*; also where one is, if a message is named. A link that stands there is taken first. @param {string} hash @param {number | null} [seq] */
  to(hash, seq = null) {
    const { page } = this;
    // A link may stand in the address already whose `hashchange` is still to come.
    page.door.takeLink();
    if (!page.wide && seq !== null) page.beside.panel = null;
    if (page.window.location.hash !== hash && !(hash === "#" && !page.window.location.hash)) {
      page.window.location.hash = hash;
    } else if (seq !== null) this.moved();
  }

  /** Be in the room the address names, once the list says that one may. */
  arrive() {
    const { list, rooms } = this.page.client;
    if (list === null) return;
    const { room, office } = this.place;
    if (office !== null) return;
    if (room === null) {
      const [first] = this.page.listed;
      // An address may stand there already whose `hashchange` is still to come.
      const asked = placeOf(this.page.window.location.hash).room;
      if (first !== undefined && asked === null && this.page.wide) this.page.goTo(first.room);
    } else if (!rooms.has(room) && list.has(room) && !this.left.has(room)) {
      this.page.driver.act((client) => client.join(room));
    }
    // Where what is new begins is to be known before its end is seen, and all is read.
    if (this.page.room?.log.begun) this.page.client.unread.opened(this.page.room.log, this.page.client.me?.id ?? "");
    this.look();
  }

  /** The address changed. */
  moved() {
    if (this.page.door.takeLink()) return;
    const was = this.place.room;
    this.place = placeOf(this.page.window.location.hash);
    if (this.place.room !== null) this.#reopen(this.place.room);
    this.page.voice.turn();
    this.page.acting = null;
    if (was !== this.place.room) this.#turned(was);
    else if (this.place.seq === null && was !== null) this.page.driver.act((client) => client.pages.closeAround(was));
    this.arrive();
    this.page.changed();
  }

  /** Another room is open. @param {string | null} was */
  #turned(was) {
    this.atEnd = false;
    this.page.beside.turned(!this.page.wide);
    if (was === null) return;
    this.page.driver.act((client) => {
      client.pages.closeAround(was);
      client.pages.closeThread(was);
      client.pages.closePinned(was);
      if (client.unread.of(was) === 0) client.unread.closed(was);
    });
  }

  /** Tell the client what is looked at: the open room, while the page and the room's end are seen. */
  look() {
    const seen = this.page.window.document.visibilityState === "visible" && this.atEnd;
    const { room } = this.place;
    if (!seen) this.page.client.lookAway();
    else if (this.page.client.reading !== room) this.page.driver.act((client) => client.look(room));
  }

  /** The end of the open room's log came into sight, or went. @param {boolean} atEnd */
  sees(atEnd) {
    this.atEnd = atEnd;
    this.look();
  }

  /** Join *room* and open it. @param {string} room */
  enter(room) {
    this.#reopen(room);
    this.page.driver.act((client) => client.join(room));
    this.page.goTo(room);
    this.page.changed();
  }

  /** What was closed in this tab is shown again. @param {string} room */
  #reopen(room) {
    if (this.left.delete(room)) this.page.keeping.left = this.left;
  }

  /** Hide *room* in this tab; one stays a member. @param {string} room */
  closeRoom(room) {
    this.left.add(room);
    this.page.keeping.left = this.left;
    this.page.driver.act((client) => client.leave(room));
    this.#goneFrom(room);
  }

  /** @param {string} room */
  #goneFrom(room) {
    if (this.place.room === room) this.page.goTo(null);
    this.page.changed();
  }

  /** End one's membership of *room*. @param {string} room @param {(refusal: Refusal | null) => void} done */
  quit(room, done) {
    this.page.driver.act((client) =>
      client.quit(room, (refusal) => {
        done(refusal);
        if (refusal === null) this.#goneFrom(room);
      }),
    );
  }
}
