"""Reads a Containerfile: instructions, stages, and what each is given."""

import json
import shlex
from dataclasses import dataclass, field
from pathlib import Path

KNOWN = frozenset(
    ("CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "RUN", "STOPSIGNAL", "USER")
    + ("VOLUME", "WORKDIR")
)


@dataclass
class Stage:
    """What stands between one FROM and the next: (instruction, its words as written)."""

    image: str
    name: str | None
    steps: list[tuple[str, str]] = field(default_factory=list)

    def of(self, instruction: str) -> list[str]:
        return [words for name, words in self.steps if name == instruction]

    @property
    def environment(self) -> dict[str, str]:
        pairs = (pair for words in self.of("ENV") for pair in shlex.split(words))
        return dict(pair.split("=", 1) for pair in pairs)

    @property
    def commands(self) -> list[list[str]]:
        """Each command that a RUN gives to the shell."""
        return [shlex.split(part) for words in self.of("RUN") for part in words.split("&&")]


def read(path: Path) -> list[Stage]:
    """Return the stages of *path*; raises `ValueError` for what is no instruction."""
    stages: list[Stage] = []
    for name, words in _instructions(path.read_text("utf-8")):
        if name == "FROM":
            image, *rest = words.split()
            stages.append(Stage(image, rest[1] if rest and rest[0].upper() == "AS" else None))
        elif name not in KNOWN or not stages:
            raise ValueError(f"{name} {words}")
        else:
            stages[-1].steps.append((name, words))
    return stages


def _instructions(text: str) -> list[tuple[str, str]]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    found = [line.split(None, 1) for line in joined.splitlines() if line.strip()]
    return [(line[0], " ".join(line[1].split())) for line in found]


def words_of(exec_form: str) -> list[str]:
    """Return the words of `["a", "b"]`: a form that starts no shell, which would eat signals."""
    words = json.loads(exec_form)
    assert isinstance(words, list)
    return words
