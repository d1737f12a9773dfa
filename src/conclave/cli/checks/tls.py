"""Is the certificate good, for how long, and is it one for the names browsers use?"""

import stat
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import AuthorityInformationAccessOID

from conclave.cli.checks.finding import Finding, good, problem, warning
from conclave.settings import Settings

_SOON_DAYS: Final = 14


def check_tls(settings: Settings, now: datetime | None = None) -> list[Finding]:
    """Look at the certificate that *settings* name, if they do."""
    if settings.tls_cert is None or settings.tls_key is None:
        return []
    try:
        chain = x509.load_pem_x509_certificates(settings.tls_cert.read_bytes())
        certificate = chain[0]
        key = load_pem_private_key(settings.tls_key.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        says = f"certificate or key cannot be read: {error}"
        return [problem("tls", says, "give PEM files without a passphrase")]
    found = [_expiry(certificate, now or datetime.now(UTC)), *_key_mode(settings.tls_key)]
    if _public(certificate) != _public(key):
        advice = "give the key that the certificate was asked for with"
        found.append(problem("tls", f"{settings.tls_key} is no key of the certificate", advice))
    return found + _chain(chain) + _names(certificate, settings)


def _chain(chain: Sequence[x509.Certificate]) -> list[Finding]:
    """Say where a certificate does not vouch for the one before it, or nobody for the first."""
    for one, its_issuer in pairwise(chain):
        try:
            one.verify_directly_issued_by(its_issuer)
        except (ValueError, TypeError, InvalidSignature):
            says = f"{_called(its_issuer)} stands after {_called(one)} and has not issued it"
            return [problem("tls", says, "put each issuer after what it issued, the server first")]
    if len(chain) == 1 and _has_issuer_elsewhere(chain[0]):
        says = f"the file has no certificate of {chain[0].issuer.rfc4514_string()}, its issuer"
        advice = "give the whole chain (fullchain.pem): some clients find no issuer by themselves"
        return [warning("tls", says, advice)]
    return []


def _has_issuer_elsewhere(certificate: x509.Certificate) -> bool:
    """Return whether it says where to fetch its issuer: then clients do not have that one."""
    try:
        said = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    except x509.ExtensionNotFound:
        return False
    kinds = {one.access_method for one in said.value}
    return AuthorityInformationAccessOID.CA_ISSUERS in kinds


def _called(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string() or "one without a name"


def _expiry(certificate: x509.Certificate, now: datetime) -> Finding:
    until = certificate.not_valid_after_utc
    days = (until - now).days
    says = f"the certificate holds until {until:%Y-%m-%d}"
    if now < certificate.not_valid_before_utc:
        says = f"the certificate holds only from {certificate.not_valid_before_utc:%Y-%m-%d}"
        return problem("tls", says, "set the clock, or wait")
    if until <= now:
        return problem("tls", f"the certificate ended on {until:%Y-%m-%d}", "renew it")
    if days < _SOON_DAYS:
        return warning("tls", f"{says}, {days} days from now", "renew it")
    return good("tls", f"{says}, {days} days from now")


def _key_mode(key: Path) -> list[Finding]:
    mode = stat.S_IMODE(key.stat().st_mode)
    if mode & stat.S_IRWXO:
        says = f"{key} has the mode {mode:o}: everybody on this machine may read it"
        return [problem("tls", says, f"chmod 640 {key}, or 600")]
    return []


def _public(of: object) -> bytes:
    public = of.public_key()  # type: ignore[attr-defined]  # both kinds have one
    encoded: bytes = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return encoded


def _names(certificate: x509.Certificate, settings: Settings) -> list[Finding]:
    """Return a finding for each name browsers use that the certificate does not have."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return [problem("tls", "the certificate has no names", "browsers refuse it: ask for one")]
    names = set(map(str.lower, found.get_values_for_type(x509.DNSName)))
    names |= set(map(str, found.get_values_for_type(x509.IPAddress)))
    wanted = {(urlsplit(url).hostname or "").lower() for url in settings.public_url}
    return [
        problem("tls", f"the certificate is not for {name}", "ask for one that is, or fix the name")
        for name in sorted(wanted)
        if not {name, f"*.{name.partition('.')[2]}"} & names
    ]
