/** Where one is signed in, this device marked, each with a way to end it. */

import { deviceOf } from "../../agents.js";
import { saidOf } from "../../confirming.js";
import { html } from "../../html.js";
import { shortTime } from "../../times.js";
import { words } from "../../words.js";
import { useFound } from "../asking.js";
import { Wrong } from "../Wrong.js";

/** @import { Page } from "../../page.js" */
/** @import { Device } from "../../api/own.js" */

/** @param {{page: Page}} given */
export function Devices({ page }) {
  const says = words.account;
  const { found, refused, again } = useFound(() => page.own.devices(), [page]);
  if (refused !== null) return html`<${Wrong} text=${says.unread(refused)} />`;
  if (found === null) return null;
  const others = found.filter(({ current }) => !current);
  /** @param {Device} device */
  const end = (device) => {
    const act = async () => {
      const refusal = await page.own.endDevice(device.id);
      again();
      return saidOf(refusal);
    };
    page.ask({ title: `${says.logOutOf(nameOf(device))}?`, lead: "", go: says.logOut, cancel: says.cancel, act });
  };
  const endOthers = () => {
    const act = async () => {
      const refusal = await page.own.endOthers();
      again();
      return saidOf(refusal);
    };
    page.ask({ title: says.logOutOthersAsk, lead: says.logOutOthersLead, go: says.logOut, cancel: says.cancel, act });
  };
  return html`${found.length === 0 && html`<p class="meta">${says.noDevices}</p>`}
    <ul class="rows">
      ${found.map((device) => html`<${Line} key=${device.id} page=${page} device=${device} onEnd=${() => (device.current ? page.signOut() : end(device))} />`)}
    </ul>
    ${others.length > 0 && html`<div class="part-end"><button class="button" type="button" onClick=${endOthers}>${says.logOutOthers}</button></div>`}`;
}

/** @param {{page: Page, device: Device, onEnd: () => void}} given */
function Line({ page, device, onEnd }) {
  const says = words.account;
  const { usedAt, createdAt, address, current, agent } = device;
  const name = nameOf(device);
  const used = usedAt === null ? says.since(shortTime(createdAt, page.serverNow)) : says.used(shortTime(usedAt, page.serverNow));
  return html`<li class="row device" data-current=${current}>
    <div>
      <bdi class="row-name" title=${agent}>${name}${current && html`<span class="tag">${says.thisDevice}</span>`}</bdi>
      <p class="meta">${used}${address !== "" && html` · <bdi>${says.from(address)}</bdi>`}</p>
    </div>
    <button class="button" type="button" aria-label=${says.logOutOf(name)} onClick=${onEnd}>${says.logOut}</button>
  </li>`;
}

/** @param {Device} device */
function nameOf({ agent }) {
  const { browser, system } = deviceOf(agent);
  return browser === "" ? words.account.unknownDevice : words.account.device(browser, system);
}
