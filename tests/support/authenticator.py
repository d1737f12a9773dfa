"""A passkey authenticator in software: what a browser would send, also wrongly."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import encode_cbor

PRESENT, VERIFIED, HAS_KEY = 0x01, 0x04, 0x40


def text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def raw(encoded: str) -> bytes:
    return urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))


class SoftAuthenticator:
    """Holds one passkey. `flags`, `count` and `origin` may be changed to lie."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential = secrets.token_bytes(32)
        self.handle = ""
        self.flags = PRESENT | VERIFIED
        self.count = 0

    def create(self, options: dict[str, Any], **changed: Any) -> dict[str, Any]:
        """Answer `navigator.credentials.create(options)`."""
        self.handle = options["user"]["id"]
        attestation = {
            "fmt": changed.get("fmt", "none"),
            "attStmt": {},
            "authData": self._data(options["rp"]["id"], self.flags | HAS_KEY) + self._attested(),
        }
        client = self._client("webauthn.create", options, changed)
        return self._answer(
            {"clientDataJSON": client, "attestationObject": encode_cbor(attestation)}
        )

    def get(self, options: dict[str, Any], **changed: Any) -> dict[str, Any]:
        """Answer `navigator.credentials.get(options)`."""
        client = self._client("webauthn.get", options, changed)
        data = self._data(changed.get("rpId", options["rpId"]), self.flags)
        signed = data + hashlib.sha256(client).digest()
        answer = self._answer(
            {
                "clientDataJSON": client,
                "authenticatorData": data,
                "signature": self.key.sign(signed, ec.ECDSA(SHA256())),
            }
        )
        answer["response"]["userHandle"] = changed.get("userHandle", self.handle)
        return answer

    def _client(self, kind: str, options: dict[str, Any], changed: dict[str, Any]) -> bytes:
        client = {
            "type": changed.get("type", kind),
            "challenge": changed.get("challenge", options["challenge"]),
            "origin": changed.get("origin", self.origin),
            "crossOrigin": False,
        }
        return json.dumps(client).encode()

    def _data(self, domain: str, flags: int) -> bytes:
        return hashlib.sha256(domain.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _attested(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        return bytes(16) + len(self.credential).to_bytes(2) + self.credential + encode_cbor(public)

    def _answer(self, response: dict[str, bytes]) -> dict[str, Any]:
        return {
            "id": text(self.credential),
            "rawId": text(self.credential),
            "type": "public-key",
            "response": {name: text(value) for name, value in response.items()},
            "clientExtensionResults": {},
        }
