/** Webhooks of a room, or of the whole server: made, with their secret shown once, tried, paused, revoked. */

import { html } from "../../html.js";
import { ProgramsApi } from "../../api/programs.js";
import { words } from "../../words.js";
import { useFound } from "../asking.js";
import { Wrong } from "../Wrong.js";
import { Answering } from "./Answering.js";
import { Incoming } from "./Incoming.js";
import { Outgoing } from "./Outgoing.js";

/** @import { Page } from "../../page.js" */

/** @param {{page: Page, room?: string | null}} given   room: null for all of the server */
export function Webhooks({ page, room = null }) {
  const api = new ProgramsApi(page.http);
  const { found, refused, again } = useFound(() => api.hooks(room), [page, room]);
  if (refused !== null) return html`<${Wrong} text=${words.office.unread(refused)} />`;
  if (found === null) return null;
  return html`<${Incoming} page=${page} api=${api} room=${room} hooks=${found.incoming} again=${again} />
    <${Outgoing} page=${page} api=${api} room=${room} hooks=${found.outgoing} again=${again} />
    <${Answering} page=${page} api=${api} room=${room} hooks=${found.commands} again=${again} />`;
}

