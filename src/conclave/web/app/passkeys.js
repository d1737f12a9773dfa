/**
 * The browser's side of passkeys: the server's options to what the browser takes, and its
 * answer to JSON. Bytes travel as base64url, as the Web Authentication API has it in JSON.
 */

import { asText, isData } from "../client/wire.js";

/** @import { Data } from "../client/wire.js" */

/** Make a passkey; null when the person changed their mind. @param {Data} options @returns {Promise<object | null>} */
export async function makePasskey(options) {
  const user = isData(options.user) ? options.user : {};
  const publicKey = {
    ...options,
    challenge: bytesOf(options.challenge),
    user: { ...user, id: bytesOf(user.id) },
    excludeCredentials: idsOf(options.excludeCredentials),
  };
  return asked(() => navigator.credentials.create({ publicKey: /** @type {any} */ (publicKey) }));
}

/** Prove who one is; null when the person changed their mind. @param {Data} options @returns {Promise<object | null>} */
export async function usePasskey(options) {
  const publicKey = { ...options, challenge: bytesOf(options.challenge), allowCredentials: idsOf(options.allowCredentials) };
  return asked(() => navigator.credentials.get({ publicKey: /** @type {any} */ (publicKey) }));
}

/** @param {() => Promise<Credential | null>} ask */
async function asked(ask) {
  try {
    const credential = /** @type {PublicKeyCredential | null} */ (await ask());
    return credential === null ? null : jsonOf(credential);
  } catch (error) {
    // Said no, took too long, or the authenticator has one already: all of it is told as «no».
    if (error instanceof DOMException) return null;
    throw error;
  }
}

/** @param {PublicKeyCredential} credential */
function jsonOf({ id, rawId, type, authenticatorAttachment, response }) {
  const held = /** @type {any} */ (response);
  const names = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const parts = names.filter((name) => held[name] instanceof ArrayBuffer).map((name) => [name, textOf(held[name])]);
  const transports = typeof held.getTransports === "function" ? { transports: held.getTransports() } : {};
  return {
    id,
    rawId: textOf(rawId),
    type,
    authenticatorAttachment,
    response: { ...Object.fromEntries(parts), ...transports },
    clientExtensionResults: {},
  };
}

/** @param {unknown} list */
function idsOf(list) {
  if (!Array.isArray(list)) return [];
  return list.filter(isData).map((one) => ({ ...one, id: bytesOf(one.id) }));
}

/** @param {unknown} text */
function bytesOf(text) {
  const plain = asText(text).replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(plain), (letter) => letter.charCodeAt(0));
}

/** @param {ArrayBuffer} bytes */
function textOf(bytes) {
  const letters = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
