"""Finds the application that `--app` names."""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from conclave.controllers.application import App
from conclave.controllers.dispatch import Controller
from conclave.settings import CannotStart


def load_app(name: str | None) -> App:
    """Return what `--app package.module:name` names: an `App`, or a controller class."""
    if name is None:
        return App()
    module, _, attribute = name.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    try:
        found: Any = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise CannotStart(f"--app {name} cannot be loaded: {error}") from error
    if isinstance(found, type) and issubclass(found, Controller):
        return App(found)
    if isinstance(found, App):
        return found
    raise CannotStart(f"--app {name} is neither an App nor a subclass of Controller")
