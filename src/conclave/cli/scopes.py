"""Scopes as one writes them: on the command line as everywhere else, `history:read`."""


def scope_word(name: str) -> str:
    """Return how a scope is written; `history-read`, as it once was, is the same one."""
    return name.lower().replace("_", ":").replace("-", ":")
