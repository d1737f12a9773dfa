/** The programs of a room: webhooks, and the slash commands that can be asked in it. */

import { asks } from "../../asks.js";
import { offeredOf } from "../../api/programs.js";
import { html } from "../../html.js";
import { useFound } from "../asking.js";
import { CommandList } from "../programs/CommandList.js";
import { Webhooks } from "../programs/Webhooks.js";

/** @import { Page } from "../../page.js" */
/** @import { RoomInfo } from "../../../client/infos.js" */

/** @param {{page: Page, info: RoomInfo}} given */
export function Programs({ page, info }) {
  const { room } = info;
  const { found } = useFound(() => asks(page, (client, done) => client.ask("command:list", { room }, (refusal, answer) => done(refusal, offeredOf(answer?.data ?? {})))), [page, room]);
  return html`<${Webhooks} page=${page} room=${room} />${found !== null && html`<${CommandList} commands=${found} />`}`;
}
