/** The people of the room: who is here now, then the other members. */

import { useEffect } from "../../vendor/preact-hooks.js";
import { html } from "../html.js";
import { words } from "../words.js";
import { Avatar } from "./Avatar.js";
import { PanelFrame } from "./Panel.js";

/** @import { Member } from "../../client/answers.js" */
/** @import { Page } from "../page.js" */
/** @typedef {{id: string, name: string, role: string, status: string | null}} Seen   status null: not here */

/** Roles that are worth a word. */
const LEADING = new Set(["owner", "moderator", "admin", "bot"]);

/** @param {{page: Page, name: string, alone: boolean}} given */
export function People({ page, name, alone }) {
  const ready = page.client.connection.ready && page.room?.attached === true;
  // Whoever joins or leaves writes an entry; the list is read anew then.
  const turn = page.room?.log.memberSeq ?? 0;
  useEffect(() => {
    if (ready) page.members.read(name);
  }, [page, name, ready, turn]);
  const outside = page.room === undefined && page.client.list !== null;
  const here = presentIn(page, name);
  const count = page.room?.people.count ?? 0;
  const ids = new Set(here.map(({ id }) => id));
  const known = page.members.known(name);
  const away = (outside ? [] : (known?.list ?? [])).filter(({ id }) => !ids.has(id)).map((member) => ({ ...member, role: roleOf(member), status: null }));
  return html`<${PanelFrame} page=${page} title=${words.people} note=${outside ? "" : words.aside.count(count)} alone=${alone} name="people">
    <div class="panel-scroll">
      <ul class="people-list">${here.map((person) => html`<${PersonLine} key=${person.id} page=${page} person=${person} />`)}</ul>
      ${count > here.length && html`<p class="meta people-more">${words.aside.more(count - here.length)}</p>`}
      ${away.length > 0 &&
      html`<${alone ? "h2" : "h3"} class="meta people-away">${words.aside.away}<//>
        <ul class="people-list">${away.map((person) => html`<${PersonLine} key=${person.id} page=${page} person=${person} />`)}</ul>`}
      ${ready && known !== null && known.refusal !== null && html`<p class="error people-more" role="alert">${words.aside.refused(known.refusal)}</p>`}
      ${known?.more &&
      html`<button class="button panel-more" type="button" aria-busy=${known.reading} onClick=${() => page.members.readMore(name)}>${words.aside.moreMembers}</button>`}
    </div>
  <//>`;
}

/** Who is here, with the role each has in this room where it is known. @param {Page} page @param {string} name @returns {Seen[]} */
function presentIn(page, name) {
  const roles = new Map(page.members.of(name).map((member) => [member.id, roleOf(member)]));
  return (page.room?.people.list ?? []).map((person) => {
    const role = roles.get(person.id);
    return { ...person, role: role !== undefined && LEADING.has(role) ? role : person.role };
  });
}

/** What they look after, or that they are a program. @param {Member} member */
const roleOf = ({ role, bot }) => (bot && !LEADING.has(role) ? "bot" : role);

/** @param {{page: Page, person: Seen}} given */
function PersonLine({ page, person }) {
  const me = page.client.me?.id === person.id;
  const { id, name, status } = person;
  const role = page.members.of(page.place.room ?? "").find((member) => member.id === id)?.role ?? null;
  const line = html`<${Shown} page=${page} person=${person} me=${me} />`;
  if (me || id === "system") return html`<li class="person" data-here=${status !== null}>${line}</li>`;
  /** @param {{currentTarget: Element}} event */
  const meet = ({ currentTarget }) => page.meet({ id, name, role, beside: currentTarget });
  return html`<li data-here=${status !== null}>
    <button class="person person-button" type="button" data-here=${status !== null} aria-haspopup="menu" title=${words.person.menu(name)} onClick=${meet}>${line}</button>
  </li>`;
}

/** @param {{page: Page, person: Seen, me: boolean}} given */
function Shown({ page, person, me }) {
  const { id, name, status, role } = person;
  const says = status === null ? words.aside.notHere : words.aside.status(status);
  return html`<${Avatar} id=${id} name=${name} />
    <span class="person-said">
      <bdi class="person-name">${name}</bdi>
      ${LEADING.has(role) && html`<span class="tag">${words.roles.of(role)}</span>`}
      ${me && html`<span class="tag">${words.aside.you}</span>`}
      ${page.ignored.has(id) && html`<span class="tag">${words.aside.ignored}</span>`}
    </span>
    <span class="presence" data-status=${status ?? "none"} title=${says}></span><span class="unseen">${says}</span>`;
}
