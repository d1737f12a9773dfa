"""
What everybody gets for every event and route: the table of D1, written by hand.

Whoever adds an event or a route says here who may, or `test_matrix` fails. A cell is "ok" or
the code of the refusal; one that has two words by `/` is of a public and a private room.
"""

from typing import Any, Final, NamedTuple

# Who asks. `other` is a member, and the message or report is somebody else's; of all others
# who are or were members it is their own.
ACTORS: Final = (
    "anonymous", "other", "stranger", "former", "banned", "muted", "guest", "member", "moderator",
    "owner", "admin",
)  # fmt: skip

Env = dict[str, Any]


class Row(NamedTuple):
    """The data of a request, made of what the cell's room has, and what each gets."""

    data: dict[str, Any]
    cells: dict[str, str]


def row(data: dict[str, Any], all_: str = "ok", **cells: str) -> Row:
    """Return a row in which everybody gets *all_*, but for those named; `outside` is three."""
    outside = cells.pop("outside", all_)
    inside = cells.pop("inside", all_)
    given = dict.fromkeys(ACTORS, all_)
    given |= dict.fromkeys(("stranger", "former", "banned", "admin"), outside)
    given |= dict.fromkeys(("other", "muted", "guest", "member"), inside)
    return Row(data, {**given, "anonymous": "auth_required", **cells})


def attached(data: dict[str, Any], **cells: str) -> Row:
    """What one does in a room that one is in: of all others it is `not_in_room`."""
    return row(data, outside="not_in_room", **cells)


def belonging(data: dict[str, Any], **cells: str) -> Row:
    """What members do, wherever they are."""
    unseen = {"outside": "not_in_room/no_such_room", "banned": "banned/no_such_room"}
    return row(data, **{**unseen, **cells})


def governing(data: dict[str, Any], **cells: str) -> Row:
    """What moderators, owners and admins do."""
    return belonging(data, **{"inside": "forbidden", "admin": "ok", **cells})


def owning(data: dict[str, Any], **cells: str) -> Row:
    return governing(data, moderator="forbidden", **cells)


ROOM: Final = {"room": "$room"}
TARGET: Final = {"room": "$room", "target": "$seq"}
VICTIM: Final = {"room": "$room", "user": "victim"}

EVENTS: Final[dict[str, Row]] = {
    "auth": row({"token": "$token"}, "4503", anonymous="ok"),
    "auth:refresh": row({"token": "$token"}),
    "heartbeat": row({"timestamp": 1}, anonymous="ok"),
    "chat": attached({**ROOM, "text": "hi"}, muted="muted"),
    "message:edit": attached({**TARGET, "text": "ho"}, muted="muted", other="forbidden"),
    "message:delete": attached(TARGET, other="forbidden", admin="ok"),
    "message:pin": attached(TARGET, muted="muted", guest="forbidden"),
    "message:unpin": attached(TARGET, muted="muted", guest="forbidden"),
    "message:report": belonging(TARGET),
    "reaction:add": attached({**TARGET, "emoji": "👍"}, muted="muted"),
    "reaction:remove": attached({**TARGET, "emoji": "👍"}, muted="muted"),
    "typing": attached({**ROOM, "active": True}, muted="muted"),
    "get:history": attached(ROOM),
    "read": attached({**ROOM, "seq": 1}),
    "join:room": row(ROOM, outside="ok/no_such_room", banned="banned/no_such_room"),
    "room:enter": row(ROOM, outside="ok/no_such_room", banned="banned/no_such_room"),
    # What it refuses stands in its ack.
    "join:rooms": row({"rooms": [ROOM]}),
    "leave:room": row(ROOM),
    "room:quit": row(ROOM),
    "room:create": row({"room": "$fresh"}, guest="forbidden"),
    "room:list": row({"scope": "public"}),
    "room:members": belonging(ROOM),
    "room:update": governing({**ROOM, "title": "x"}),
    "room:invite": belonging(
        {"room": "$room", "user": "guest2"},
        inside="ok/forbidden",
        guest="forbidden",
    ),
    "room:kick": governing(VICTIM),
    "room:ban": governing(VICTIM),
    "room:unban": governing(VICTIM),
    "room:mute": governing(VICTIM),
    "room:unmute": governing(VICTIM),
    "room:role": owning({**VICTIM, "role": "moderator"}),
    "room:archive": owning(ROOM),
    "room:delete": owning(ROOM),
    "room:sanctions": governing(ROOM),
    "room:link": governing(ROOM, admin="not_in_room/no_such_room"),
    "room:links": governing(ROOM, admin="not_in_room/no_such_room"),
    "room:unlink": governing({**ROOM, "link": "$link"}, admin="not_in_room/no_such_room"),
    "room:accept": row({"token": "$way_in"}, banned="banned"),
    "room:direct": row({"users": ["victim"]}, guest="forbidden"),
    "room:notify": belonging({**ROOM, "notify": "none"}),
    "room:favourite": belonging({**ROOM, "favourite": True}),
    "reports": governing(ROOM),
    "report:close": row(
        {"report": "$report", "outcome": "resolved"},
        outside="not_found",
        inside="not_found",
        admin="ok",
    ),
    "push:get": row({}),
    "push:subscribe": row(
        {"endpoint": "https://push.example.net/x", "p256dh": "$point", "auth": "A" * 22}
    ),
    "push:unsubscribe": row({"endpoint": "https://push.example.net/x"}),
    "user:ignore": row({"user": "victim"}),
    "user:unignore": row({"user": "victim"}),
    "user:ignored": row({}),
    "people": row({"query": "vic"}, guest="forbidden"),
    # A guest sees those it shares a room with.
    "profile:get": row({"user": "victim"}),
    "profile:set": row({"about": "x"}),
    "presence:idle": row({"idle": True}),
    "presence:set": row({"status": "away"}),
    "search": row({"query": "hi", "room": "$room"}, outside="not_in_room"),
    # There is none: who gets so far might have asked it.
    "command": attached(
        {**ROOM, "name": "x"},
        inside="no_such_command",
        muted="muted",
        guest="no_such_command",
        member="no_such_command",
        moderator="no_such_command",
        owner="no_such_command",
    ),
    "command:list": attached(ROOM),
    # For bots alone.
    "command:offer": row({"commands": []}, "forbidden"),
    "command:answer": row({"command": "0" * 16, "text": "hi"}, "forbidden"),
}

# Who gets past the guard of a route, whatever becomes of the request then.
ANYBODY: Final = frozenset(ACTORS)
SIGNED_IN: Final = ANYBODY - {"anonymous"}
NO_GUESTS: Final = SIGNED_IN - {"guest"}
ADMINS: Final = frozenset({"admin"})
# It ends the session of who asks, and the tokens of this test are of none.
SESSIONS: Final[frozenset[str]] = frozenset()

ROUTES: dict[str, frozenset[str]] = {
    "GET /": ANYBODY,
    "GET /service-worker.js": ANYBODY,
    "GET /health": ANYBODY,
    "GET /ready": ANYBODY,
    "GET /assets/{version}/{path}": ANYBODY,
    # With a token of its own, which is nobody's.
    "GET /metrics": frozenset(),
    "GET /api/v1/door": ANYBODY,
    "POST /api/v1/sessions": ANYBODY,
    "POST /api/v1/sessions/factor": ANYBODY,
    "POST /api/v1/sessions/passkey/challenge": ANYBODY,
    "POST /api/v1/sessions/passkey": ANYBODY,
    "POST /api/v1/links/look": ANYBODY,
    "POST /api/v1/links/accept": ANYBODY,
    "POST /api/v1/guests": ANYBODY,
    "POST /api/v1/oidc/{provider}/begin": ANYBODY,
    "POST /api/v1/oidc/{provider}/finish": ANYBODY,
    "POST /api/v1/oidc/{provider}/logout": ANYBODY,
    "GET /api/v1/oidc": NO_GUESTS,
    "POST /api/v1/oidc/{provider}/link": NO_GUESTS,
    "POST /api/v1/oidc/{provider}/link/finish": NO_GUESTS,
    "DELETE /api/v1/oidc/{provider}/link": NO_GUESTS,
    "GET /api/v1/me": SIGNED_IN,
    "POST /api/v1/tickets": SIGNED_IN,
    "DELETE /api/v1/sessions/current": SESSIONS,
    "GET /api/v1/sessions": SIGNED_IN,
    "DELETE /api/v1/sessions/{session}": SIGNED_IN,
    "DELETE /api/v1/sessions": SIGNED_IN,
    "POST /api/v1/me/export": SIGNED_IN,
    "PUT /api/v1/me/password": NO_GUESTS,
    "POST /api/v1/me/confirm": NO_GUESTS,
    "GET /api/v1/tokens": NO_GUESTS,
    "POST /api/v1/tokens": NO_GUESTS,
    "DELETE /api/v1/tokens/{token}": NO_GUESTS,
    "DELETE /api/v1/tokens": NO_GUESTS,
    "POST /api/v1/me/totp": NO_GUESTS,
    "POST /api/v1/me/totp/confirm": NO_GUESTS,
    "POST /api/v1/me/totp/remove": NO_GUESTS,
    "POST /api/v1/me/recovery": NO_GUESTS,
    "GET /api/v1/me/passkeys": NO_GUESTS,
    "POST /api/v1/me/passkeys/challenge": NO_GUESTS,
    "POST /api/v1/me/passkeys": NO_GUESTS,
    "POST /api/v1/me/passkeys/{passkey}/remove": NO_GUESTS,
    "POST /api/v1/rooms/{room}/attachments": SIGNED_IN,
    "GET /api/v1/attachments/{attachment}": SIGNED_IN,
    "GET /api/v1/attachments/{attachment}/thumbnail": SIGNED_IN,
    "DELETE /api/v1/attachments/{attachment}": SIGNED_IN,
    # By the secret in its address; who looks after them is asked by the store besides.
    "POST /hooks/{secret}": ANYBODY,
    # Those of all rooms, as it is asked here.
    "GET /api/v1/webhooks": ADMINS,
    "POST /api/v1/webhooks/incoming": NO_GUESTS,
    "DELETE /api/v1/webhooks/incoming/{hook}": NO_GUESTS,
    "POST /api/v1/webhooks/commands": NO_GUESTS,
    "DELETE /api/v1/webhooks/commands/{hook}": NO_GUESTS,
    "POST /api/v1/webhooks/outgoing": NO_GUESTS,
    "PATCH /api/v1/webhooks/outgoing/{hook}": NO_GUESTS,
    "DELETE /api/v1/webhooks/outgoing/{hook}": NO_GUESTS,
    "GET /api/v1/webhooks/outgoing/{hook}/dead": NO_GUESTS,
    "POST /api/v1/webhooks/outgoing/{hook}/dead/{letter}": NO_GUESTS,
    "DELETE /api/v1/webhooks/outgoing/{hook}/dead/{letter}": NO_GUESTS,
    "POST /api/v1/webhooks/outgoing/{hook}/test": NO_GUESTS,
    "GET /api/v1/admin/bots": ADMINS,
    "GET /api/v1/admin/commands": ADMINS,
    "GET /api/v1/admin/connections": ADMINS,
    "GET /api/v1/admin/connections/{connection}": ADMINS,
    "DELETE /api/v1/admin/links/{link}": ADMINS,
    "DELETE /api/v1/admin/rooms/{room}": ADMINS,
    "DELETE /api/v1/admin/users/{user}": ADMINS,
    "DELETE /api/v1/admin/users/{user}/factors": ADMINS,
    "GET /api/v1/admin/erasures/{errand}": ADMINS,
    "DELETE /api/v1/admin/users/{user}/sessions": ADMINS,
    "DELETE /api/v1/admin/users/{user}/sessions/{session}": ADMINS,
    "GET /api/v1/admin/audit": ADMINS,
    "GET /api/v1/admin/links": ADMINS,
    "GET /api/v1/admin/reports": ADMINS,
    "GET /api/v1/admin/rooms": ADMINS,
    "GET /api/v1/admin/rooms/{room}": ADMINS,
    "GET /api/v1/admin/server": ADMINS,
    "GET /api/v1/admin/users": ADMINS,
    "GET /api/v1/admin/users/{user}": ADMINS,
    "GET /api/v1/admin/users/{user}/sessions": ADMINS,
    "PATCH /api/v1/admin/rooms/{room}": ADMINS,
    "PATCH /api/v1/admin/users/{user}": ADMINS,
    "POST /api/v1/admin/bots": ADMINS,
    "POST /api/v1/admin/bots/{bot}/tokens": ADMINS,
    "POST /api/v1/admin/links": ADMINS,
    "POST /api/v1/admin/owners": ADMINS,
    "POST /api/v1/admin/reports/{report}/close": ADMINS,
    "POST /api/v1/admin/users": ADMINS,
    "POST /api/v1/admin/users/{user}/reset": ADMINS,
}

ROOM_PATH: Final = "/rooms/{room}"
MEMBER_PATH: Final = f"{ROOM_PATH}/members/{{user}}"
MESSAGE_PATH: Final = f"{ROOM_PATH}/messages/{{seq}}"


class Over(NamedTuple):
    """A route of the chat: the event that it is, its body and query, and whom its guard lets by."""

    event: str
    body: dict[str, Any] | None = None
    query: str = ""
    lets: frozenset[str] = SIGNED_IN


HTTP: Final[dict[str, Over]] = {
    "GET /rooms": Over("room:list", query="?scope=public"),
    "POST /rooms": Over("room:create", {"room": "$fresh"}, lets=NO_GUESTS),
    f"PATCH {ROOM_PATH}": Over("room:update", {"title": "x"}),
    f"DELETE {ROOM_PATH}": Over("room:delete"),
    f"PUT {ROOM_PATH}/archive": Over("room:archive"),
    f"DELETE {ROOM_PATH}/archive": Over("room:archive"),
    f"PUT {ROOM_PATH}/membership": Over("room:enter"),
    f"DELETE {ROOM_PATH}/membership": Over("room:quit"),
    f"PUT {ROOM_PATH}/notify": Over("room:notify", {"notify": "none"}),
    f"PUT {ROOM_PATH}/favourite": Over("room:favourite"),
    f"DELETE {ROOM_PATH}/favourite": Over("room:favourite"),
    f"PUT {ROOM_PATH}/read": Over("read", {"seq": 1}),
    f"GET {ROOM_PATH}/members": Over("room:members"),
    f"PUT {MEMBER_PATH}": Over("room:invite", lets=NO_GUESTS),
    f"DELETE {MEMBER_PATH}": Over("room:kick"),
    f"PUT {MEMBER_PATH}/role": Over("room:role", {"role": "moderator"}),
    f"GET {ROOM_PATH}/sanctions": Over("room:sanctions"),
    f"PUT {ROOM_PATH}/bans/{{user}}": Over("room:ban", {}),
    f"DELETE {ROOM_PATH}/bans/{{user}}": Over("room:unban"),
    f"PUT {ROOM_PATH}/mutes/{{user}}": Over("room:mute", {}),
    f"DELETE {ROOM_PATH}/mutes/{{user}}": Over("room:unmute"),
    f"GET {ROOM_PATH}/links": Over("room:links", lets=NO_GUESTS),
    f"POST {ROOM_PATH}/links": Over("room:link", {}, lets=NO_GUESTS),
    f"DELETE {ROOM_PATH}/links/{{link}}": Over("room:unlink", lets=NO_GUESTS),
    "POST /room-links/accept": Over("room:accept", {"token": "$way_in"}),
    f"GET {ROOM_PATH}/messages": Over("get:history"),
    f"GET {ROOM_PATH}/entries": Over("get:history"),
    f"GET {MESSAGE_PATH}": Over("get:history"),
    f"POST {ROOM_PATH}/messages": Over("chat", {"text": "hi"}),
    f"PATCH {MESSAGE_PATH}": Over("message:edit", {"text": "ho"}),
    f"DELETE {MESSAGE_PATH}": Over("message:delete"),
    f"PUT {MESSAGE_PATH}/pin": Over("message:pin", lets=NO_GUESTS),
    f"DELETE {MESSAGE_PATH}/pin": Over("message:unpin", lets=NO_GUESTS),
    f"PUT {MESSAGE_PATH}/reactions/{{emoji}}": Over("reaction:add"),
    f"DELETE {MESSAGE_PATH}/reactions/{{emoji}}": Over("reaction:remove"),
    f"POST {MESSAGE_PATH}/report": Over("message:report", {}),
    f"GET {ROOM_PATH}/reports": Over("reports"),
    "POST /reports/{report}/close": Over("report:close", {"outcome": "resolved"}),
    "GET /search": Over("search", query="?query=hi&room={room}"),
    "GET /users": Over("people", query="?query=vic", lets=NO_GUESTS),
    "GET /users/{user}": Over("profile:get"),
    "PATCH /me/profile": Over("profile:set", {"about": "x"}),
    "POST /direct": Over("room:direct", {"users": ["victim"]}, lets=NO_GUESTS),
    "GET /me/ignored": Over("user:ignored"),
    "PUT /me/ignored/{user}": Over("user:ignore"),
    "DELETE /me/ignored/{user}": Over("user:unignore"),
}
# Of these a socket says `not_in_room` where nobody is attached: over HTTP the store is asked.
ATTACHED: Final = frozenset(
    {"chat", "get:history", "message:edit", "message:delete", "message:pin", "message:unpin"}
    | {"reaction:add", "reaction:remove"}
)
ROUTES["GET /api/v1/rooms/{room}"] = SIGNED_IN
ROUTES["GET /api/v1/rooms/{room}/events"] = SIGNED_IN
ROUTES["GET /api/v1/openapi.json"] = ANYBODY
ROUTES |= {route.replace(" ", " /api/v1", 1): over.lets for route, over in HTTP.items()}


def http_cell(event: str, actor: str, kind: str) -> str:
    """Return what *actor* gets for *event* over HTTP, where nobody is attached."""
    said = EVENTS[event].cells[actor]
    if event in ATTACHED and said == "not_in_room":
        said = "banned/no_such_room" if actor == "banned" else "not_in_room/no_such_room"
    words = said.split("/")
    return words[-1] if kind == "private" else words[0]


def cell(event: str, actor: str, kind: str) -> str:
    """Return what *actor* gets for *event* in a room of *kind*."""
    words = EVENTS[event].cells[actor].split("/")
    return words[-1] if kind == "private" else words[0]


def filled(data: Any, env: Env) -> Any:
    """Return *data* with what begins with `$` taken from *env*."""
    if isinstance(data, dict):
        return {name: filled(value, env) for name, value in data.items()}
    if isinstance(data, list):
        return [filled(value, env) for value in data]
    return env[data[1:]] if isinstance(data, str) and data.startswith("$") else data
