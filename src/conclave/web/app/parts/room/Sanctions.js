/** Who is banned and muted in a room, until when and why, each with a way to lift it. */

import { asks } from "../../asks.js";
import { html } from "../../html.js";
import { may } from "../../rights.js";
import { shortTime } from "../../times.js";
import { words } from "../../words.js";
import { More } from "../More.js";
import { usePages } from "../pages.js";
import { Wrong } from "../Wrong.js";

/** @import { Page } from "../../page.js" */
/** @import { RoomInfo } from "../../../client/infos.js" */
/** @import { Sanction } from "../../../client/answers.js" */
/** @import { Answered } from "../../../client/questions.js" */

/** @param {{page: Page, info: RoomInfo}} given */
export function Sanctions({ page, info }) {
  const says = words.sanctions;
  const { list, more, refused, reading, next, again } = usePages((_, after) => read(page, info.room, after), keyOf, [page, info.room]);
  if (refused !== null) return html`<${Wrong} text=${says.refused(refused)} />`;
  if (list === null) return null;
  if (list.length === 0) return html`<p class="meta">${says.none}</p>`;
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
    const those = list.filter((sanction) => sanction.kind === kind);
    return (
      those.length > 0 &&
      html`<h3>${title}</h3>
        <ul class="rows">${those.map((sanction) => html`<${Line} key=${sanction.user} page=${page} sanction=${sanction} onLift=${may(info, kind) ? () => lift(sanction) : null} />`)}</ul>`
    );
  })}
  <${More} more=${more} reading=${reading} next=${next} />`;
}

/** What the next page begins after: both, since one may be banned and muted. @param {Sanction} sanction */
const keyOf = ({ user, kind }) => JSON.stringify([user, kind]);

/** @param {Page} page @param {string} room @param {string} after */
async function read(page, room, after) {
  const last = after === "" ? null : JSON.parse(after);
  const { refusal, found } = await asks(page, (client, /** @type {Answered<{sanctions: Sanction[], more: boolean}>} */ done) => client.governing.sanctions(room, last, done));
  return { refusal, found: { list: found?.sanctions ?? [], more: found?.more ?? false } };
}

/** The name of *user*, as far as it is known. @param {Page} page @param {string} user */
function nameOf(page, user) {
  return page.members.nameOf(page.place.room ?? "", user) || user;
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
