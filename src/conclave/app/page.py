"""The page as this node gives it, made from its settings."""

from collections.abc import Mapping

from conclave.auth.demo import TOKENS as DEMO_TOKENS
from conclave.http.files import File
from conclave.http.pages import page_files
from conclave.settings import Settings
from conclave.settings.addresses import canonical_origin


def page_of(
    settings: Settings, providers: Mapping[str, str], headers: Mapping[str, str]
) -> dict[str, File]:
    """Return the page and its assets by address; *headers* go with documents."""
    people = [(name, token) for token, name in DEMO_TOKENS] if settings.demo else []
    return page_files(
        people,
        guests=settings.guests,
        providers=providers,
        headers=headers,
        embedders=sorted(map(canonical_origin, settings.embed_origins)),
    )
