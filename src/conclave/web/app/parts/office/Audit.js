/** The audit log: who did what to whom, from where; the last first. */

import { useEffect, useRef, useState } from "../../../vendor/preact-hooks.js";
import { html } from "../../html.js";
import { fullTime, isoTime, shortTime } from "../../times.js";
import { words } from "../../words.js";
import { Field } from "../Field.js";
import { Form } from "../Form.js";
import { Table } from "../Table.js";
import { Wrong } from "../Wrong.js";

/** @import { Page } from "../../page.js" */
/** @import { AuditLine, AuditQuery } from "../../api/office.js" */

/** @param {{page: Page}} given */
export function Audit({ page }) {
  const says = words.office;
  const { lines, more, refused, find, next } = useAudit(page);
  /** @param {Map<string, string>} fields */
  const send = async (fields) => {
    const of = (/** @type {string} */ name) => (fields.get(name) ?? "").trim() || undefined;
    await find({ actor: of("actor"), action: of("action"), target: of("target"), room: of("room") });
    return "";
  };
  const rows = (lines ?? []).map((line) => ({ key: String(line.id), cells: cellsOf(page, line) }));
  return html`<${Form} go=${says.filter} send=${send} strong=${false} label=${says.audit}>
      <div class="fields">
        <${Field} id="actor" label=${says.who} autocomplete="off" maxlength="64" />
        <${Field} id="action" label=${says.what} autocomplete="off" maxlength="64" />
        <${Field} id="target" label=${says.whom} autocomplete="off" maxlength="64" />
        <${Field} id="room" label=${says.where} autocomplete="off" maxlength="64" />
      </div>
    <//>
    ${refused !== null && html`<${Wrong} text=${says.unread(refused)} />`}
    ${lines?.length === 0 && html`<p class="meta">${says.noLines}</p>`}
    ${rows.length > 0 && html`<${Table} label=${says.audit} columns=${[says.when, says.who, says.what, says.whom, says.where, says.from]} rows=${rows} />`}
    ${more && html`<button class="button panel-more" type="button" onClick=${next}>${says.more}</button>`}`;
}

/** @param {Page} page @param {AuditLine} line */
function cellsOf(page, { at, actor, action, target, room, address, details }) {
  return [
    html`<time dateTime=${isoTime(at)} title=${fullTime(at)}>${shortTime(at, page.serverNow)}</time>`,
    html`<bdi>${actor}</bdi>`,
    html`<code>${action}</code>${details.length > 0 && html`<p class="meta">${details.map(([name, value], n) => html`<span key=${name}>${n > 0 && " · "}${name} <bdi>${value}</bdi></span>`)}</p>`}`,
    target === "" ? "" : html`<bdi>${target}</bdi>`,
    room === "" ? "" : html`<bdi>${room}</bdi>`,
    address === "" ? "" : html`<bdi>${address}</bdi>`,
  ];
}

/** @param {Page} page */
function useAudit(page) {
  const [lines, setLines] = useState(/** @type {AuditLine[] | null} */ (null));
  const [more, setMore] = useState(false);
  const [refused, setRefused] = useState(/** @type {string | null} */ (null));
  const query = useRef(/** @type {AuditQuery} */ ({}));
  const turn = useRef(0);
  /** @param {AuditLine[]} earlier @param {number} [before] */
  const ask = async (earlier, before) => {
    const mine = (turn.current += 1);
    const { refusal, found } = await page.office.audit({ ...query.current, before });
    if (mine !== turn.current) return;
    setRefused(refusal?.code ?? null);
    if (refusal !== null) return;
    setLines([...earlier, ...found.list]);
    setMore(found.more);
  };
  useEffect(() => {
    void ask([]);
    return () => void (turn.current += 1);
  }, []);
  /** @param {AuditQuery} wanted */
  const find = (wanted) => {
    query.current = wanted;
    return ask([]);
  };
  return { lines, more, refused, find, next: () => void ask(lines ?? [], lines?.at(-1)?.id) };
}
