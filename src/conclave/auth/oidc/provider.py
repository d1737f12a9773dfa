"""
A provider as the operator wrote it down: a TOML file each, read at start.

What is wrong with one is said in one line that names the file and the fix.
"""

import os
import re
import stat
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal

from msgspec import Struct, ValidationError, convert
from msgspec.structs import replace

from conclave.auth.fetching import Client, may_ask
from conclave.settings import CannotStart

_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_DOMAIN: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_MOST_BYTES: Final = 65_536
_MOST_NAME: Final = 40
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class Provider(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything one may write of a provider; `docs/oidc.md` has a row for each."""

    # Where it is, exactly as its tokens say it.
    issuer: str
    client_id: str
    # On the button.
    name: str
    # In addresses, such as that which it sends people back to; the file's name unless given.
    id: str = ""
    client_secret_file: str | None = None
    client_auth: Literal["client_secret_basic", "client_secret_post"] = "client_secret_basic"
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    # `link`: who has no account that is linked does not come in; `create`: gets one.
    accounts: Literal["link", "create"] = "link"
    # Whose e-mail address, verified there, ends so; none: anybody's.
    allowed_domains: tuple[str, ...] = ()
    # Who is in one of these groups; none: anybody.
    allowed_groups: tuple[str, ...] = ()
    # Who is in it is admin here, of the accounts that were made for this provider.
    admin_group: str | None = None
    name_claim: str = "preferred_username"
    shown_name_claim: str = "name"
    groups_claim: str = "groups"
    # Whoever is called there as an account is called here owns it.
    link_by_name: bool = False
    # Signing out here signs out there as well.
    sign_out_there: bool = False
    # A provider on this machine may be asked without TLS: for tests.
    insecure_loopback: bool = False
    # Read from its file.
    client_secret: str | None = None

    def may_ask(self, url: str) -> bool:
        """Return whether this server may send a request, or a browser, to *url*."""
        return may_ask(url, loopback=self.insecure_loopback)

    @property
    def client(self) -> Client:
        in_form = self.client_auth == "client_secret_post"
        return Client(self.client_id, self.client_secret, in_form)


def read_providers(paths: Iterable[Path]) -> tuple[Provider, ...]:
    """Return the providers in these files; raises `CannotStart`. Call it in a thread."""
    found = tuple(map(_read, paths))
    for what in ("id", "issuer"):
        said = [getattr(one, what) for one in found]
        if twice := {one for one in said if said.count(one) > 1}:
            raise CannotStart(f"two providers have the {what} {min(twice)!r}: tell them apart")
    return found


def _read(path: Path) -> Provider:
    try:
        given = tomllib.loads(_text(path))
        # Nobody writes it where many read it.
        if "client_secret" in given:
            raise CannotStart(f"{path} holds a secret: put it into a file, client_secret_file")
        provider = convert(given, Provider)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise CannotStart(f"{path} says no provider: {error}") from error
    provider = replace(provider, id=provider.id or path.stem, client_secret=None)
    if wrong := _wrong(provider):
        raise CannotStart(f"{path}: {wrong}")
    if provider.client_secret_file is None:
        return provider
    return replace(provider, client_secret=_secret(path.parent / provider.client_secret_file))


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES).decode()
    except OSError as error:
        raise CannotStart(f"cannot read the provider {path}: {error.strerror}") from error


def _secret(path: Path) -> str:
    try:
        with path.open("rb") as file:
            mode, secret = os.fstat(file.fileno()).st_mode, file.read(_MOST_BYTES)
    except OSError as error:
        raise CannotStart(f"cannot read the secret {path}: {error.strerror}") from error
    if mode & _OTHERS:
        raise CannotStart(f"{path} can be read or changed by other users: `chmod 600 {path}`")
    text = secret.decode("ascii", "replace").rstrip("\r\n")
    if not text or not text.isprintable():
        raise CannotStart(f"{path} holds no client secret: one line, as the provider gave it")
    return text


def _wrong(provider: Provider) -> str:
    """Return what is wrong, with its fix; "" for nothing."""
    if not _ID.fullmatch(provider.id):
        return f"id is {provider.id!r}: choose up to 32 of a-z 0-9 -"
    if not provider.may_ask(provider.issuer) or "?" in provider.issuer:
        return f"issuer is {provider.issuer!r}: give its https:// address, as it says it itself"
    if not 1 <= len(provider.name) <= _MOST_NAME or not provider.name.isprintable():
        return f"name is {provider.name!r}: give the button up to {_MOST_NAME} characters"
    if not provider.client_id:
        return "client_id is empty: give the one that the provider knows this server by"
    if "openid" not in provider.scopes:
        return "scopes have no openid: without it the provider vouches for nobody"
    for domain in provider.allowed_domains:
        if not _DOMAIN.fullmatch(domain):
            return f"allowed_domains has {domain!r}: write it as example.org, in small letters"
    return _unwise(provider)


def _unwise(provider: Provider) -> str:
    by_mail = provider.name_claim == "email"
    if provider.link_by_name and by_mail and len(provider.allowed_domains) != 1:
        # ada@example.org and ada@example.com are two people.
        return "link_by_name by email needs exactly one of allowed_domains"
    return ""
