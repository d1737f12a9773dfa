/** What a room is to its people: settings, invitations, bans and mutes, reports. Each part for who may. */

import { html } from "../../html.js";
import { partsOf } from "../../roomparts.js";
import { words } from "../../words.js";
import { Dialog } from "../Dialog.js";
import { Sections } from "../Sections.js";
import { Invitations } from "./Invitations.js";
import { Programs } from "./Programs.js";
import { Reports } from "./Reports.js";
import { Sanctions } from "./Sanctions.js";
import { Settings } from "./Settings.js";

/** @import { Page } from "../../page.js" */
/** @import { RoomInfo } from "../../../client/infos.js" */
/** @import { Part } from "../../roomparts.js" */

/** @param {{page: Page, room: string, part: Part}} given */
export function RoomSettings({ page, room, part }) {
  const info = page.infoOf(room);
  const says = words.settings;
  const close = () => page.show(null);
  const parts = partsOf(info);
  const note = (/** @type {Part} */ name) => (name === "reports" && info !== null && info.reports > 0 ? words.number(info.reports) : undefined);
  const sections = parts.map((name) => ({ name, title: name === "programs" ? words.head.programs : says[name], note: note(name) }));
  const shown = parts.includes(part) ? part : (parts[0] ?? "general");
  const show = (/** @type {string} */ name) => page.show({ name: "roomSettings", room, part: /** @type {Part} */ (name) });
  return html`<${Dialog} title=${says.title(info?.title ?? room)} close=${says.close} onClose=${close} wide>
    <${Sections} label=${says.parts} sections=${sections} shown=${shown} onShow=${show}>
      ${info !== null && parts.length > 0 && html`<${partOf(shown)} key=${shown} page=${page} info=${info} />`}
    <//>
  <//>`;
}

/** @param {Part} part */
function partOf(part) {
  return { general: Settings, invitations: Invitations, programs: Programs, sanctions: Sanctions, reports: Reports }[part];
}
