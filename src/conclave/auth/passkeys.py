"""
Passkeys (WebAuthn): what a browser is asked for, and whether what it answers is good.

The user must be verified by the authenticator each time, so that a passkey is two factors
in one. Attestation is not asked for: who made an authenticator does not matter here. Keys
are kept elsewhere.
"""

import hashlib
import hmac
from collections.abc import Callable, Collection, Iterable
from typing import Any, Final

import structlog
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    options_to_json_dict,
    parse_attestation_object,
    parse_client_data_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from conclave.auth.challenges import GOOD_FOR_S, Challenges
from conclave.model import Passkey
from conclave.ports.passes import Passes
from conclave.protocol.errors import Code, Reject

log = structlog.get_logger("conclave.auth")

_SIGN_IN: Final = "sign in"
# Without attestation browsers send one of these; the code for all others is never reached.
_FORMATS: Final = frozenset({"none", "packed"})
# WebAuthn section 4: credential ids have at most so many bytes.
_MOST_ID_BYTES: Final = 1_023
_VERIFIED: Final = UserVerificationRequirement.REQUIRED
# What the library raises for hostile bytes besides its own.
_HOSTILE: Final = (
    WebAuthnException,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)


class Passkeys:
    """
    Registers and signs in for one name of this server.

    *domain*: the name browsers know it by, without scheme and port. *origins*: those of its
    own pages, asked for at each use. All refusals are `auth_failed`.
    """

    def __init__(
        self,
        domain: str,
        origins: Callable[[], Collection[str]],
        passes: Passes,
    ) -> None:
        self._domain = domain
        self._origins = origins
        self._challenges = Challenges(passes)

    async def ask_registration(
        self, user: str, display_name: str, have: Iterable[bytes]
    ) -> dict[str, Any]:
        """Return what `navigator.credentials.create` is to be called with, as JSON-ready values."""
        options = generate_registration_options(
            rp_id=self._domain,
            rp_name=self._domain,
            user_id=self._handle(user),
            user_name=user,
            user_display_name=display_name,
            challenge=await self._challenges.give(f"register {user}"),
            timeout=int(GOOD_FOR_S * 1000),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=id_) for id_ in have],
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
            ),
        )
        return options_to_json_dict(options)

    async def register(self, user: str, answer: dict[str, Any]) -> Passkey:
        """Return the passkey that *user* has made; raises `auth_failed`."""
        try:
            return self._register(
                user, answer, await self._challenge_of(answer, f"register {user}")
            )
        except _HOSTILE as error:
            raise _refused(error) from None

    def _register(self, user: str, answer: dict[str, Any], challenge: bytes) -> Passkey:
        attestation = _decoded(answer["response"]["attestationObject"])
        if parse_attestation_object(attestation).fmt not in _FORMATS:
            raise ValueError("attestation")
        made = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=self._domain,
            expected_origin=list(self._origins()),
            require_user_verification=True,
        )
        if len(made.credential_id) > _MOST_ID_BYTES:
            raise ValueError("credential id")
        return Passkey(
            id=made.credential_id,
            user=user,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
        )

    async def ask_sign_in(self, have: Iterable[bytes] = ()) -> dict[str, Any]:
        """
        Return what `navigator.credentials.get` is to be called with.

        *have*: the passkeys of a user who is known already; else any of this server's.
        """
        options = generate_authentication_options(
            rp_id=self._domain,
            challenge=await self._challenges.give(_SIGN_IN),
            timeout=int(GOOD_FOR_S * 1000),
            allow_credentials=[PublicKeyCredentialDescriptor(id=id_) for id_ in have],
            user_verification=_VERIFIED,
        )
        return options_to_json_dict(options)

    @staticmethod
    def credential_of(answer: dict[str, Any]) -> bytes:
        """Return which passkey *answer* says it is of; raises `auth_failed`."""
        try:
            return _decoded(answer["rawId"])
        except _HOSTILE as error:
            raise _refused(error) from None

    async def sign_in(self, answer: dict[str, Any], kept: Passkey | None) -> int:
        """
        Return the new sign count of *kept*; raises `auth_failed`, always if it is None.

        Store the count in the same moment: one that is not greater is a copy's.
        """
        try:
            challenge = await self._challenge_of(answer, _SIGN_IN)
            if kept is None:
                raise ValueError("unknown passkey")
            return self._sign_in(answer, challenge, kept)
        except _HOSTILE as error:
            raise _refused(error) from None

    def _sign_in(self, answer: dict[str, Any], challenge: bytes, kept: Passkey) -> int:
        verified = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=self._domain,
            expected_origin=list(self._origins()),
            credential_public_key=kept.public_key,
            credential_current_sign_count=kept.sign_count,
            require_user_verification=True,
        )
        if verified.credential_id != kept.id:
            raise ValueError("another passkey")
        handle = answer["response"].get("userHandle")
        if handle and not hmac.compare_digest(_decoded(handle), self._handle(kept.user)):
            raise ValueError("another user")
        return verified.new_sign_count

    async def _challenge_of(self, answer: dict[str, Any], purpose: str) -> bytes:
        client = parse_client_data_json(_decoded(answer["response"]["clientDataJSON"]))
        if not await self._challenges.take(client.challenge, purpose):
            raise ValueError("challenge")
        return client.challenge

    def _handle(self, user: str) -> bytes:
        """Return what an authenticator knows *user* by: nobody's name (WebAuthn section 14.6.1)."""
        return hashlib.sha256(f"{self._domain}\0{user}".encode()).digest()


def _decoded(value: object) -> bytes:
    # The library would take anything, and spell it out first.
    if not isinstance(value, str):
        raise TypeError
    return base64url_to_bytes(value)


def _refused(error: Exception) -> Reject:
    # The library's texts quote what the other side sent.
    log.info("passkey_refused", why=type(error).__name__)
    return Reject(Code.AUTH_FAILED)
