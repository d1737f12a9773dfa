"""Reads what `/metrics` answers, with the parser of Prometheus' own library."""

import asyncio
import urllib.error
import urllib.request
from typing import NamedTuple

from prometheus_client.parser import text_string_to_metric_families


class Answer(NamedTuple):
    status: int
    text: str
    kind: str


class Metrics:
    """Values by the name of the sample and its labels, such as `x_total` and `code="4003"`."""

    def __init__(self, text: str) -> None:
        self.families = list(text_string_to_metric_families(text))
        self._values = {
            (one.name, frozenset(one.labels.items())): one.value
            for family in self.families
            for one in family.samples
        }

    def __call__(self, name: str, **labels: str) -> float:
        """Return the value of a sample; 0 for one that is not there."""
        return self._values.get((name, frozenset(labels.items())), 0.0)

    def by(self, name: str, label: str) -> dict[str, float]:
        """Return all values of *name* above 0, by *label*."""
        return {
            dict(labels)[label]: value
            for (sample, labels), value in self._values.items()
            if sample == name and value
        }

    @property
    def names(self) -> set[str]:
        """The families' names as they are written: counters with their `_total`."""
        return {f"{one.name}_total" if one.type == "counter" else one.name for one in self.families}


async def ask(port: int, token: str | None = None, path: str = "/metrics") -> Answer:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)

    def get() -> Answer:
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                text = answer.read().decode()
                return Answer(answer.status, text, answer.headers["content-type"])
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.read().decode(), error.headers["content-type"])

    return await asyncio.to_thread(get)


async def read(port: int, token: str | None = None) -> Metrics:
    answer = await ask(port, token)
    assert answer.status == 200, answer.text
    return Metrics(answer.text)
