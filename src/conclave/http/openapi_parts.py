"""What all routes have in common, as OpenAPI says it: refusals, ways to come in, examples."""

from typing import Any, Final

from conclave.protocol.errors import MESSAGES, Code

DESCRIPTION: Final = """\
Everything a bot or an admin needs. Times are milliseconds since 1970, unknown fields are ignored.
A program says `Authorization: Bearer TOKEN`; a page has a cookie, and sends its CSRF token with
whatever changes something. What a token's scopes, a role or a room do not allow is refused as on
the socket, with the same codes: as problem details (RFC 9457).
"""

_PROBLEM: Final = {"$ref": "#/components/schemas/Problem"}

# What each status means here; the codes are examples, not all there are.
_REFUSALS: Final[dict[str, tuple[str, Code]]] = {
    "400": ("The request does not say what it must, or not so", Code.BAD_REQUEST),
    "401": ("Nobody has said who they are, or not truly", Code.AUTH_REQUIRED),
    "403": ("They may not do this", Code.FORBIDDEN),
    "404": ("There is no such thing, or they may not know of it", Code.NO_SUCH_ROOM),
    "409": ("It does not fit to what is there", Code.ID_REUSED),
    "413": ("The body is too large", Code.TOO_LONG),
    "422": ("A text is too long", Code.TOO_LONG),
    "415": ("The body is no JSON", Code.BAD_REQUEST),
    "429": ("Too many requests: `Retry-After` says how long to wait", Code.RATE_LIMITED),
    "500": ("Something went wrong on the server", Code.INTERNAL),
    "507": ("Files take all the space that they may", Code.NO_SPACE),
    "503": ("Not now: the same request may succeed later", Code.BUSY),
}  # fmt: skip


def _header(description: str, example: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}, "example": example}


def _refusal(status: str) -> dict[str, Any]:
    description, code = _REFUSALS[status]
    example = {
        "title": description,
        "status": int(status),
        "detail": MESSAGES[code],
        "code": str(code),
        "retryable": status in ("429", "500", "503"),
    }
    body = {"schema": _PROBLEM, "example": example}
    said: dict[str, Any] = {
        "description": description,
        "content": {"application/problem+json": body},
    }
    if status in ("429", "503"):
        said["headers"] = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}
    return said


COMPONENTS: Final[dict[str, dict[str, Any]]] = {
    "responses": {f"Refused{status}": _refusal(status) for status in _REFUSALS},
    "headers": {
        "RateLimit": _header(
            "What is left of each allowance, and in how many seconds all of it is there again",
            '"requests";r=59;t=1, "message";r=29;t=1',
        ),
        "RateLimit-Policy": _header(
            "Each allowance: how much in how many seconds",
            '"requests";q=60;w=12, "message";q=30;w=3',
        ),
        "Location": _header("Where it is found", "/api/v1/rooms/general/messages/42"),
        "Retry-After": _header("Seconds until it is worth to ask again", "1"),
    },
    "securitySchemes": {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "A token for programs: see «Signing in»",
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "__Host-conclave-session",
            "description": "A page's session; without TLS its name has no `__Host-`",
        },
        "csrf": {
            "type": "apiKey",
            "in": "header",
            "name": "X-CSRF-Token",
            "description": "What a page sends beside its cookie: `csrf` of `GET /me`",
        },
    },
}

EXAMPLES: Final[dict[str, Any]] = {
    "NewMessage": {"text": "The build is green", "mentions": ["ada"]},
    "EditedMessage": {"text": "The build is green again"},
    "NewRoom": {"room": "builds", "title": "Builds", "kind": "public"},
    "RoomChange": {"topic": "What the machines say"},
    "ReadMark": {"seq": 42},
    "NewMember": {"role": "moderator"},
    "NewSanction": {"reason": "Please read the rules"},
    "NewLink": {"name": "for the new team", "uses": 5},
    "NewDirect": {"users": ["ada"]},
    "Stored": {
        "room": "builds",
        "seq": 42,
        "message_id": "01M829XWF40000000000000042",
        "timestamp": 1795374135780,
    },
}


# What holds of several fields at once.
CONDITIONS: Final[dict[str, dict[str, Any]]] = {
    "NewInvite": {
        "if": {"properties": {"role": {"const": "admin"}}, "required": ["role"]},
        "then": {"properties": {"uses": {"const": 1}, "days": {"type": "integer"}}},
    },
    "SecondFactor": {
        "oneOf": [{"required": [one]} for one in ("totp", "recovery", "passkey")],
    },
}

# Bodies that are no JSON: routes read them by themselves.
BODIES: Final[dict[str, dict[str, Any]]] = {
    "postRoomsRoomAttachments": {
        "description": "The bytes of the file",
        "required": True,
        "content": {
            "application/octet-stream": {
                "schema": {"type": "string", "format": "binary", "minLength": 1}
            }
        },
    },
    "postOidcProviderLogout": {
        "description": "As OpenID Connect Back-Channel Logout says it",
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "properties": {"logout_token": {"type": "string", "minLength": 1}},
                    "required": ["logout_token"],
                    # A form has at most ten fields, and this one once.
                    "additionalProperties": {"type": "string"},
                    "maxProperties": 10,
                }
            }
        },
    },
}

# The page that a provider sends the browser back to.
_ORIGIN: Final[dict[str, Any]] = {
    "name": "Origin",
    "in": "header",
    "required": True,
    "description": "That of a page of this server: browsers say it by themselves",
    "schema": {"type": "string", "format": "conclave-origin"},
}
PARAMETERS: Final[dict[str, list[dict[str, Any]]]] = {
    "postOidcProviderBegin": [_ORIGIN],
    "postOidcProviderLink": [_ORIGIN],
}


def secured_by(method: str, *, public: bool) -> list[dict[str, list[str]]]:
    """Return what one of must be said to be let through."""
    if public:
        return []
    page: dict[str, list[str]] = {"session": []}
    if method != "get":
        page["csrf"] = []
    return [{"token": []}, page]


def problems_of(operation: dict[str, Any], method: str, path: str) -> dict[str, dict[str, str]]:
    """Return the refusals that are possible, by status."""
    statuses = ["401", "403", "409", "429", "500", "503"]
    if operation.get("parameters") or "requestBody" in operation:
        statuses += ["400", "404"]
    if "requestBody" in operation:
        statuses += ["413", "415", "422"]
    if operation["operationId"] == "postRoomsRoomAttachments":
        statuses += ["507"]
    if "{" not in path and "requestBody" not in operation and "parameters" not in operation:
        statuses += ["404"] if method == "delete" else []
    return {
        status: {"$ref": f"#/components/responses/Refused{status}"} for status in sorted(statuses)
    }
