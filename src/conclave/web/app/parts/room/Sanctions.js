/** Who is banned and muted in a room, until when and why, each with a way to lift it. */

import { asks } from "../../asks.js";
import { html } from "../../html.js";
import { may } from "../../rights.js";
import { shortTime } from "../../times.js";
import { words } from "../../words.js";
import { useFound } from "../asking.js";
import { Wrong } from "../Wrong.js";

/** @import { Page } from "../../page.js" */
/** @import { RoomInfo } from "../../../client/infos.js" */
/** @import { Sanction } from "../../../client/answers.js" */

/** @param {{page: Page, info: RoomInfo}} given */
export function Sanctions({ page, info }) {
  const says = words.sanctions;
  const { found, refused, again } = useFound(() => asks(page, (client, done) => client.governing.sanctions(info.room, done)), [page, info.room]);
  if (refused !== null) return html`<${Wrong} text=${says.refused(refused)} />`;
  if (found === null) return null;
  if (found.length === 0) return html`<p class="meta">${says.none}</p>`;
  /** @param {Sanction} sanction */
  const lift = ({ kind, user, name }) => {
    const act = async () => {
      const { refusal } = await asks(page, (client, done) => client.governing.lift(kind, info.room, user, done));
      again();
      return refusal === null ? "" : words.against.refused(refusal.code);
    };
    page.ask({ title: says.liftAsk(name, kind === "ban"), lead: "", go: says.lift, cancel: words.against.cancel, act });
  };
  const kinds = /** @type {["ban" | "mute", string][]} */ ([["ban", says.bans], ["mute", says.mutes]]);
  return html`${kinds.map(([kind, title]) => {
    const those = found.filter((/** @type {Sanction} */ sanction) => sanction.kind === kind);
    return (
      those.length > 0 &&
      html`<h3>${title}</h3>
        <ul class="rows">${those.map((/** @type {Sanction} */ sanction) => html`<${Line} key=${sanction.user} page=${page} sanction=${sanction} onLift=${may(info, kind) ? () => lift(sanction) : null} />`)}</ul>`
    );
  })}`;
}

/** The name of *user*, as far as it is known. @param {Page} page @param {string} user */
function nameOf(page, user) {
  return page.members.named(page.place.room ?? "").find(({ id }) => id === user)?.name ?? user;
}

/** @param {{page: Page, sanction: Sanction, onLift: (() => void) | null}} given */
function Line({ page, sanction, onLift }) {
  const says = words.sanctions;
  const { name, until, by, reason } = sanction;
  const when = until === null ? says.forEver : says.until(shortTime(until, page.serverNow));
  return html`<li class="row">
    <div>
      <bdi class="row-name">${name}</bdi>
      <p class="meta">${when} · <bdi>${says.by(nameOf(page, by))}</bdi></p>
      ${reason !== "" && html`<p class="meta" dir="auto">«${reason}»</p>`}
    </div>
    ${onLift !== null && html`<button class="button" type="button" aria-label=${`${says.lift}: ${name}`} onClick=${onLift}>${says.lift}</button>`}
  </li>`;
}
