// What a newcomer writes: a 20-line controller, called by its own types. See test_package.py.
import { Client, Driver, Refused, Speech } from "conclave-chat";
import type { Protocol as Chat, Stored } from "conclave-chat/protocol";
import type { Protocol, Roll } from "./protocol.js";

const [url, token] = process.argv.slice(2) as [string, string];
const client = new Client({ random: Math.random, wall: Date.now, makeId: () => `n-${crypto.randomUUID()}` });
const open = (at: string) => new WebSocket(at, "conclave.v1");
let onChange = () => {};
const driver = new Driver(client, { url, open, now: () => performance.now(), onChange: () => onChange() });
const speech = new Speech<Protocol>(driver);

const attached = new Promise<void>((resolve) => {
  onChange = () => void (client.rooms.get("general")?.attached && resolve());
});
const rolled = new Promise<Protocol["events"]["dice:rolled"]>((resolve) => speech.on("dice:rolled", resolve));
driver.act((client, now) => {
  client.signIn(token, now);
  client.join("general");
});
await attached;

const roll: Roll = { room: "general", sides: 20 };
const answer: Record<string, number> = await speech.ask("dice:roll", roll);
const told = await rolled;
const stored: Stored = await speech.ask("chat", { room: "general", text: "hi", mentions: [] });
const code = await speech.ask("dice:roll", { room: "general", sides: 1 }).catch((no: Refused) => no.code);
console.log(JSON.stringify({ same: answer.result === told.result, user: told.user, room: stored.room, code }));
driver.act((client) => client.signOut());

export function mistakes() {
  // @ts-expect-error: sides are a number
  void speech.ask("dice:roll", { room: "general", sides: "many" });
  // @ts-expect-error: a roll has a room
  void speech.ask("dice:roll", {});
  // @ts-expect-error: nobody takes it
  void speech.ask("dice:rol", roll);
  // @ts-expect-error: nothing of this name is told
  speech.on("dice:rolled", ({ results }) => results);
  // @ts-expect-error: the chat alone has no dice
  void new Speech<Chat>(driver).ask("dice:roll", roll);
}
