"""Finds the application that `--app` names."""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from conclave.controllers.application import App
from conclave.controllers.dispatch import Controller
from conclave.settings import CannotStart


def load(name: str, given: str) -> Any:
    """
    Return what `package.module:name` names, from the directory one is in or what is installed.

    *given* is the flag that names it. Raises `CannotStart`.
    """
    module, _, attribute = name.partition(":")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        return getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise CannotStart(f"{given} {name} cannot be loaded: {error}") from error


def load_app(name: str | None) -> App:
    """Return what `--app package.module:name` names: an `App`, or a controller class."""
    if name is None:
        return App()
    found = load(name, "--app")
    if isinstance(found, type) and issubclass(found, Controller):
        return App(found)
    if isinstance(found, App):
        return found
    raise CannotStart(f"--app {name} is neither an App nor a subclass of Controller")
