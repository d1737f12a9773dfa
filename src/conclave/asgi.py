"""The chat for an application that exists: `docs/extending.md` shows it at work."""

from conclave.app.mounted import Conclave
from conclave.controllers.application import App

__all__ = ["App", "Conclave"]
