"""
What an incoming webhook is sent: this server's own JSON, or Slack's, as one Markdown text.

Of Slack's payload there is the text, the name it is sent under, attachments and the blocks
that say something; colours, buttons, menus and pictures' looks are left away.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import Struct

from conclave.core.mrkdwn import Named, to_markdown
from conclave.protocol.errors import Code, Reject
from conclave.protocol.fields import Seq

_MOST_PARTS: Final = 100


class Posted(Struct, frozen=True, kw_only=True):
    """What is written to the room, and under which name."""

    text: str
    via: str = ""
    thread: int | None = None
    # Whether it was put together: then it may be cut where it is too long.
    parts: bool = False


class _Payload(Struct, kw_only=True):
    text: str = ""
    username: str = ""
    # Of this server: the message whose thread it belongs to.
    thread: Seq | None = None
    # `markdown`: the text is no Slack markup.
    format: str = ""
    attachments: list[dict[str, Any]] = []
    blocks: list[dict[str, Any]] = []


def read_posted(body: bytes) -> Posted:
    """Return what *body*, JSON, asks to write; raises `bad_request`."""
    try:
        found = msgspec.json.decode(body, type=_Payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Reject(Code.BAD_REQUEST, "This is no JSON with a text, as webhooks take it") from None
    own = found.format == "markdown"
    parts = [found.text if own else to_markdown(found.text)]
    if found.blocks:
        # Slack shows the text in notifications alone, where there are blocks.
        parts = list(_blocks(found.blocks)) or parts
    parts += _attachments(found.attachments)
    text = "\n\n".join(part for part in (one.strip("\n") for one in parts) if part.strip())
    if not text:
        raise Reject(Code.BAD_REQUEST, "The message is empty")
    put_together = bool(found.blocks or found.attachments)
    via = " ".join(found.username.split())
    return Posted(text=text, via=via, thread=found.thread, parts=put_together)


def written(message: dict[str, Any], person: Named, channel: Named) -> str:
    """Return what a *message* of Slack's export says, as Markdown; "" if that is nothing."""
    text = to_markdown(_string(message.get("text")), person, channel)
    parts = [text] if text.strip() else list(_blocks(_dicts(message.get("blocks"))))
    parts += _attachments(_dicts(message.get("attachments")))
    return "\n\n".join(part for part in (one.strip("\n") for one in parts) if part.strip())


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in _list(value) if isinstance(one, dict)]


def _blocks(blocks: list[dict[str, Any]]) -> Iterator[str]:
    for block in blocks[:_MOST_PARTS]:
        match block.get("type"):
            case "header" if title := _text(block.get("text")):
                yield f"**{title}**"
            case "section":
                yield _text(block.get("text"))
                yield from map(_text, _list(block.get("fields")))
            case "context":
                yield " ".join(_text(one) or _image(one) for one in _list(block.get("elements")))
            case "divider":
                yield "---"
            case "image":
                yield _image(block)
            case "rich_text":
                yield from map(_rich, _list(block.get("elements")))
            case _:
                pass


def _rich(element: Any) -> str:
    """Return one element of a block of rich text, which is a tree."""
    if not isinstance(element, dict):
        return ""
    inner = [_piece(one) for one in _list(element.get("elements"))]
    match element.get("type"):
        case "rich_text_preformatted":
            return "```\n" + "".join(inner) + "\n```"
        case "rich_text_quote":
            return "\n".join(f"> {one}" for one in "".join(inner).splitlines())
        case "rich_text_list":
            items = [_rich(one) for one in _list(element.get("elements"))]
            ordered = element.get("style") == "ordered"
            return "\n".join(
                f"{f'{n}.' if ordered else '-'} {one}" for n, one in enumerate(items, 1)
            )
        case _:
            return "".join(inner)


def _piece(piece: Any) -> str:
    if not isinstance(piece, dict):
        return ""
    match piece.get("type"):
        case "text":
            return _styled(_string(piece.get("text")), piece.get("style"))
        case "link":
            url, label = _string(piece.get("url")), _string(piece.get("text"))
            return to_markdown(f"<{url}|{label}>" if label else f"<{url}>")
        case "emoji":
            return f":{_string(piece.get('name'))}:"
        case "user":
            return f"@{_string(piece.get('user_id'))}"
        case "channel":
            return f"#{_string(piece.get('channel_id'))}"
        case "broadcast":
            return f"@{_string(piece.get('range'))}"
        case _:
            return ""


def _styled(text: str, style: Any) -> str:
    if not isinstance(style, dict) or not text.strip():
        return text
    for name, mark in (("code", "`"), ("strike", "~~"), ("italic", "*"), ("bold", "**")):
        if style.get(name):
            text = f"{mark}{text}{mark}"
    return text


def _attachments(attachments: list[dict[str, Any]]) -> Iterator[str]:
    for one in attachments[:_MOST_PARTS]:
        said = list(_attachment(one))
        if not any(said) and one.get("fallback"):
            said = [to_markdown(_string(one["fallback"]))]
        quoted = "\n".join(part for part in said if part)
        yield "\n".join(f"> {line}".rstrip() for line in quoted.splitlines())


def _attachment(one: dict[str, Any]) -> Iterator[str]:
    """Give the lines of an attachment from above to below, as Slack shows it."""
    yield to_markdown(_string(one.get("pretext")))
    yield _string(one.get("author_name"))
    title, link = _string(one.get("title")), _string(one.get("title_link"))
    if title:
        yield f"**{to_markdown(f'<{link}|{title}>' if link else title)}**"
    yield to_markdown(_string(one.get("text")))
    for field in _list(one.get("fields")):
        if isinstance(field, dict):
            name, value = _string(field.get("title")), to_markdown(_string(field.get("value")))
            yield f"**{name}** {value}" if name else value
    yield from _blocks([block for block in _list(one.get("blocks")) if isinstance(block, dict)])
    image = _string(one.get("image_url"))
    yield to_markdown(f"<{image}>") if image else ""
    yield _string(one.get("footer"))


def _text(of: Any) -> str:
    """Return a text object of a block."""
    if not isinstance(of, dict):
        return ""
    text = _string(of.get("text"))
    return to_markdown(text) if of.get("type") == "mrkdwn" else text


def _image(of: Any) -> str:
    url = _string(of.get("image_url")) if isinstance(of, dict) else ""
    if not url:
        return ""
    return to_markdown(f"<{url}|{_string(of.get('alt_text')) or url}>")


def _list(value: Any) -> list[Any]:
    return value[:_MOST_PARTS] if isinstance(value, list) else []


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""
