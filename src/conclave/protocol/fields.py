"""The types of fields that requests have in common."""

from typing import Annotated, Any, Final

from msgspec import Meta

SAYS: Final = "says"


def says(**more: Any) -> Meta:
    """
    Let the description of the HTTP API say *more* of a value than is checked as it is read.

    Rules judge it, which answer with a sentence; formats named `conclave-…` are theirs.
    """
    return Meta(extra_json_schema={SAYS: more})


# Limits of size live in the types; meaning is checked by rules.
UserId = Annotated[str, Meta(min_length=1, max_length=64)]
RoomName = Annotated[str, Meta(min_length=1, max_length=64)]
Seq = Annotated[int, Meta(ge=0, lt=2**53)]
# Longer ones are answered too_long by the handler, which knows the settings.
Text = Annotated[str, Meta(max_length=65_536)]
Title = Annotated[str, Meta(max_length=128)]
Topic = Annotated[str, Meta(max_length=512)]
Token = Annotated[str, Meta(min_length=1, max_length=8_192)]
Emoji = Annotated[str, Meta(min_length=1, max_length=16)]
AttachmentId = Annotated[str, Meta(pattern=r"\A[0-9a-f]{32}\Z")]
Mentions = Annotated[list[UserId], Meta(max_length=50)]
# What moderators write to people, and people to moderators.
Reason = Annotated[str, Meta(max_length=500)]
# Milliseconds since 1970.
Time = Annotated[int, Meta(ge=0, lt=2**53)]
