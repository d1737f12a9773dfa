"""`conclave room`: the rooms of a server, and the people in them; a module for each subject."""

from conclave.cli.room import looking, people, retention
from conclave.cli.room.app import app

__all__ = ["app", "looking", "people", "retention"]
