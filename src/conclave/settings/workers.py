"""Several processes on one port: what they need, and what is each one's own."""

from collections.abc import Callable
from dataclasses import replace

from conclave.settings.addresses import place_of
from conclave.settings.derived import Settings


def wrong_workers(settings: Settings, named: Callable[[str], str]) -> list[str]:
    """Return why several workers cannot run as *settings* say, each line with its fix."""
    if settings.workers <= 1:
        return []
    called, needs = f"{named('workers')} is {settings.workers}", []
    needs += [f"{named('database')} (PostgreSQL)"] if settings.database is None else []
    needs += [f"{named('redis')} (Redis or Valkey)"] if settings.redis is None else []
    found = []
    if needs:
        found.append(f"{called}: several processes need {' and '.join(needs)}; or give 1")
    if settings.metrics_token is not None and not settings.metrics_listen:
        found.append(
            f"{called}, each with metrics of its own, of which the port would show any: give "
            f"{named('metrics_listen')}, the first of as many ports"
        )
    place = place_of(settings.metrics_listen)
    if place is not None and place[1] + settings.workers - 1 > 65_535:
        first = named("metrics_listen")
        found.append(f"{first} is the first of {settings.workers} ports: choose a lower one")
    return found


def of_worker(settings: Settings, number: int) -> Settings:
    """Return *settings* with what the worker *number* has for itself: metrics, a profile."""
    found, place = settings, place_of(settings.metrics_listen)
    if place is not None and place[1]:
        host = settings.metrics_listen.rpartition(":")[0]
        found = replace(found, metrics_listen=f"{host}:{place[1] + number - 1}")
    if settings.profile is not None:
        name = f"{settings.profile.name}.{number}"
        found = replace(found, profile=settings.profile.with_name(name))
    return found
