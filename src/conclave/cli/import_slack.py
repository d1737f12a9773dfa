"""`conclave import-slack`: people, channels and messages from Slack's export."""

import asyncio
from pathlib import Path

from conclave.cli.desk import Json, show_json
from conclave.cli.errand import Data, Meter, attempt, database_url, directory, say
from conclave.model import OPERATOR, Action, Note
from conclave.storage.audit import record
from conclave.storage.lines import now_ms
from conclave.storage.slack_archive import SlackArchive, open_archive
from conclave.storage.slack_import import SlackImport
from conclave.storage.slack_taken import SlackClock, Taken
from conclave.storage.truth import open_truth
from conclave.telemetry import start_logging


def import_slack(file: Path, /, *, json: Json = False, data: Data = None) -> int:
    """
    Take over what Slack's export FILE has; the server must not run.

    That is people, channels, messages, threads, reactions and edits. Importing it again, or a
    later one, adds what is not here yet. What was left out is said.
    """

    def work() -> None:
        with open_archive(file) as archive:
            taken = asyncio.run(_take(directory(data), archive))
        if json:
            show_json([_facts(taken)])
            return
        say(*(f"{name}: {count}" for name, count in _facts(taken).items() if name != "left_out"))
        say(*(f"left out: {count} {why}" for why, count in sorted(taken.left_out.items())))

    return attempt(work)


def _facts(taken: Taken) -> dict[str, object]:
    return {
        "people": taken.people,
        "rooms": taken.rooms,
        "messages": taken.messages,
        "reactions": taken.reactions,
        "edits": taken.edits,
        "known": taken.known,
        "left_out": dict(taken.left_out),
    }


async def _take(data: Path, archive: SlackArchive) -> Taken:
    start_logging("warning")
    clock = SlackClock()
    store = await open_truth(data, database_url(), clock=clock.now)
    try:
        with Meter("import-slack") as meter:
            taken = await SlackImport(store, clock, archive).run(meter)
        note = Note(action=Action.DATA_IMPORTED, actor=OPERATOR, details={"how": "slack"})
        await store.write(lambda rows, _: record(rows, note, now=now_ms()))
        return taken
    finally:
        await store.close()
