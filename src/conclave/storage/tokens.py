"""Tokens and sessions, as queries and as jobs for the writer; by their digests only."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, Select, bindparam, func, insert, or_, select
from sqlalchemy import update as change

from conclave.model import Place, Scope, TokenInfo, TokenKind, Via
from conclave.protocol.errors import Code, Reject
from conclave.storage.driver import raw
from conclave.storage.lines import ulid
from conclave.storage.people import find_user, user_from
from conclave.storage.tables import tokens, users

# What the list of devices shows of a program's own words.
_MOST_AGENT: Final = 256

# What is read of a token's owner, see `user_from`, before the token itself.
_OWNER: Final = ("id", "name", "display_name", "role", "active", "about", "canonical")


class _Own(NamedTuple):
    """The columns of a token that are read."""

    id: str
    kind: str
    name: str
    scopes: str | None
    rooms: str | None
    created_at: int
    expires_at: int | None
    revoked_at: int | None
    last_used_at: int | None
    address: str | None
    agent: str | None
    issuer: str | None
    sid: str | None


_COLUMNS: Final = (*(users.c[name] for name in _OWNER), *(tokens.c[name] for name in _Own._fields))
# Asked by everybody who comes in and with each request of a program: see `rooms`.
_SAID: Final = ", ".join([f"u.{name}" for name in _OWNER] + [f"t.{name}" for name in _Own._fields])
_TOKEN: Final = f"SELECT {_SAID} FROM tokens t JOIN users u ON u.id = t.user WHERE t.digest = ?"  # noqa: S608 - of constants
_COMING: Final = f"""
    SELECT {_SAID}, r.name FROM tokens t JOIN users u ON u.id = t.user
    LEFT JOIN members m ON m.user = u.id LEFT JOIN rooms r ON r.id = m.room
    WHERE t.digest = ? ORDER BY r.folded
"""  # noqa: S608 - of constants


def find_token(connection: Connection, digest: bytes) -> TokenInfo | None:
    row = raw(connection).execute(_TOKEN, (digest,)).fetchone()
    return None if row is None else _token(row)


def find_token_coming(connection: Connection, digest: bytes) -> tuple[TokenInfo, list[str]] | None:
    """Return the token, and the names of the rooms that its user is in."""
    rows = raw(connection).execute(_COMING, (digest,)).fetchall()
    if not rows:
        return None
    return _token(rows[0][:-1]), [row[-1] for row in rows if row[-1] is not None]


def find_token_by_id(connection: Connection, id: str) -> TokenInfo | None:  # noqa: A002
    return _first(connection, tokens.c.id == id)


def find_tokens_by_id(connection: Connection, ids: Collection[str]) -> list[TokenInfo]:
    return [_token(row) for row in connection.execute(_query().where(tokens.c.id.in_(ids)))]


def good_tokens(connection: Connection, user: str, kind: TokenKind, now: int) -> list[TokenInfo]:
    """Return those of *user* that are good, the one used last first."""
    used = func.coalesce(tokens.c.last_used_at, tokens.c.created_at)
    query = _query().where(*_good(user, kind, now)).order_by(used.desc(), tokens.c.id.desc())
    return [_token(row) for row in connection.execute(query)]


def all_good_tokens(connection: Connection, user: str | None, now: int) -> list[TokenInfo]:
    """Return what still lets *user* in, or anybody; the last made first."""
    query = _query().where(*_good_now(now)).order_by(tokens.c.id.desc())
    if user is not None:
        query = query.where(tokens.c.user == user)
    return [_token(row) for row in connection.execute(query)]


class TokenTerms(NamedTuple):
    """What a token is called and good for, until when, and where."""

    name: str = ""
    scopes: frozenset[Scope] | None = None
    expires_at: int | None = None
    via: Via | None = None
    rooms: frozenset[str] | None = None


def create_token(
    connection: Connection,
    user: str,
    digest: bytes,
    now: int,
    terms: TokenTerms,
    place: Place | None = None,
) -> TokenInfo:
    """Store a token; with *place* it is a session, opened from there."""
    owner = find_user(connection, user)
    if owner is None:
        raise Reject(Code.NO_SUCH_USER)
    made = TokenInfo(
        id=ulid(now),
        user=owner,
        created_at=now,
        kind=TokenKind.TOKEN if place is None else TokenKind.SESSION,
        name=terms.name,
        scopes=terms.scopes,
        rooms=terms.rooms,
        expires_at=terms.expires_at,
        address=None if place is None else place.address,
        agent=None if place is None else place.agent[:_MOST_AGENT],
        issuer=None if terms.via is None else terms.via.issuer,
        sid=None if terms.via is None else terms.via.sid,
    )
    connection.execute(insert(tokens).values(_values(made, digest)))
    return made


def _values(made: TokenInfo, digest: bytes) -> dict[str, Any]:
    return {
        "id": made.id,
        "user": made.user.id,
        "digest": digest,
        "name": made.name,
        "created_at": made.created_at,
        "expires_at": made.expires_at,
        "kind": str(made.kind),
        "scopes": _list(made.scopes),
        "rooms": _list(made.rooms),
        "address": made.address,
        "agent": made.agent,
        "issuer": made.issuer,
        "sid": made.sid,
    }


def open_session(
    connection: Connection,
    user: str,
    digest: bytes,
    now: int,
    *,
    expires_at: int,
    place: Place,
    most: int,
    via: Via | None = None,
) -> tuple[TokenInfo, list[str]]:
    owner = find_user(connection, user)
    if owner is None or not owner.active:
        raise Reject(Code.AUTH_FAILED)
    open_ = good_tokens(connection, user, TokenKind.SESSION, now)
    gone = [session.id for session in open_[most - 1 :]]
    _revoke(connection, gone, now)
    terms = TokenTerms(expires_at=expires_at, via=via)
    return create_token(connection, user, digest, now, terms, place), gone


def add_token(
    connection: Connection, user: str, digest: bytes, now: int, terms: TokenTerms, most: int
) -> TokenInfo:
    if len(good_tokens(connection, user, TokenKind.TOKEN, now)) >= most:
        raise Reject(Code.FORBIDDEN, f"There are {most} tokens already: revoke one")
    return create_token(connection, user, digest, now, terms)


def revoke_token(
    connection: Connection,
    user: str,
    kind: TokenKind,
    id: str,  # noqa: A002 - a token's id
    now: int,
) -> bool:
    query = select(tokens.c.id).where(*_good(user, kind, now), tokens.c.id == id)
    found = list(connection.execute(query).scalars())
    _revoke(connection, found, now)
    return bool(found)


def revoke_tokens(
    connection: Connection, user: str, kind: TokenKind, but: str | None, now: int
) -> list[str]:
    query = select(tokens.c.id).where(*_good(user, kind, now)).order_by(tokens.c.id)
    found = [id_ for id_ in connection.execute(query).scalars() if id_ != but]
    _revoke(connection, found, now)
    return found


def revoke_any(
    connection: Connection, user: str, ids: Collection[str] | None, but: str | None, now: int
) -> list[str]:
    """Revoke tokens of *user* of whatever kind, all if *ids* is None, except *but*."""
    query = select(tokens.c.id).where(tokens.c.user == user, *_good_now(now)).order_by(tokens.c.id)
    if ids is not None:
        query = query.where(tokens.c.id.in_(ids))
    found = [id_ for id_ in connection.execute(query).scalars() if id_ != but]
    _revoke(connection, found, now)
    return found


def note_uses(connection: Connection, uses: Mapping[str, tuple[int, Place]]) -> None:
    """Note for each token when and from where it was used last."""
    statement = (
        change(tokens)
        .where(
            tokens.c.id == bindparam("used"),
            or_(tokens.c.last_used_at.is_(None), tokens.c.last_used_at < bindparam("at")),
        )
        .values(
            last_used_at=bindparam("at"),
            address=bindparam("where"),
            # A socket does not know what it is spoken to by.
            agent=func.coalesce(func.nullif(bindparam("what"), ""), tokens.c.agent),
        )
    )
    values = [
        {"used": id_, "at": at, "where": place.address, "what": place.agent[:_MOST_AGENT]}
        for id_, (at, place) in uses.items()
    ]
    connection.execute(statement, values)


def _revoke(connection: Connection, ids: Iterable[str], now: int) -> None:
    for id_ in ids:
        connection.execute(change(tokens).where(tokens.c.id == id_).values(revoked_at=now))


def _query() -> Select[Any]:
    return select(*_COLUMNS).join(users).select_from(tokens)


def _first(connection: Connection, which: Any) -> TokenInfo | None:
    row = connection.execute(_query().where(which)).first()
    return None if row is None else _token(row)


def _good(user: str, kind: TokenKind, now: int) -> tuple[Any, ...]:
    return tokens.c.user == user, tokens.c.kind == str(kind), *_good_now(now)


def _good_now(now: int) -> tuple[Any, ...]:
    lasting = or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > now)
    return tokens.c.revoked_at.is_(None), lasting


def _token(row: Sequence[Any]) -> TokenInfo:
    own = _Own(*row[len(_OWNER) :])
    return TokenInfo(
        id=own.id,
        user=user_from(row[: len(_OWNER)]),
        created_at=own.created_at,
        kind=TokenKind(own.kind),
        name=own.name,
        scopes=_scopes(own.scopes),
        rooms=None if own.rooms is None else frozenset(msgspec.json.decode(own.rooms)),
        expires_at=own.expires_at,
        revoked_at=own.revoked_at,
        last_used_at=own.last_used_at,
        address=own.address,
        agent=own.agent,
        issuer=own.issuer,
        sid=own.sid,
    )


def _list(words: frozenset[Any] | None) -> str | None:
    return None if words is None else msgspec.json.encode(sorted(map(str, words))).decode()


def _scopes(kept: str | None) -> frozenset[Scope] | None:
    return None if kept is None else frozenset(msgspec.json.decode(kept, type=list[Scope]))
