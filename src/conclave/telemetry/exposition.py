"""
Prometheus' text format (version 0.0.4), written from values that somebody else has.

It knows nothing of what is measured. Written by hand, since a library would want to hold
the numbers itself, behind a lock, and be asked for each message.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

# The server of the answer adds its charset.
CONTENT_TYPE: Final = "text/plain; version=0.0.4"
COUNTER: Final = "counter"
GAUGE: Final = "gauge"
HISTOGRAM: Final = "histogram"

_ESCAPED: Final = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
_IN_HELP: Final = str.maketrans({"\\": r"\\", "\n": r"\n"})


@dataclass(frozen=True, slots=True)
class Sample:
    """One value; *suffix* follows the family's name, as `_bucket` does."""

    value: float
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    suffix: str = ""


def written(name: str, kind: str, help_: str, samples: Iterable[Sample]) -> str:
    """Return the lines of one family, each with its end."""
    lines = [f"# HELP {name} {help_.translate(_IN_HELP)}", f"# TYPE {name} {kind}"]
    lines += [_line(name, sample) for sample in samples]
    return "\n".join(lines) + "\n"


def _line(name: str, sample: Sample) -> str:
    labels = ",".join(f'{key}="{text.translate(_ESCAPED)}"' for key, text in sample.labels.items())
    braced = f"{{{labels}}}" if labels else ""
    return f"{name}{sample.suffix}{braced} {number(sample.value)}"


def number(value: float) -> str:
    """Return *value* as the format spells it: whole ones without a point."""
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value == int(value) else repr(value)
