"""
Settings from everywhere they can be written: a TOML file, the environment, flags.

Later ones win, in this order. All that is wrong in any of them is collected and told at
once, by the name the writer used. What settings exist, and what they may be, is said in
`conclave.settings` alone.
"""

import difflib
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import Field, fields
from pathlib import Path
from typing import Any, Final, get_args

from conclave.settings import Settings, flag, problems

PREFIX: Final = "CONCLAVE_"
SETTINGS: Final[dict[str, Field[Any]]] = {one.name: one for one in fields(Settings)}

_TRUE = ("1", "true", "yes", "on")
_FALSE = ("0", "false", "no", "off")


class BadSettings(Exception):
    """One or more settings are wrong; `problems` says each in a line, with the fix."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(*problems)
        self.problems = problems


def load(
    flags: Mapping[str, Any], environ: Mapping[str, str], config: Path | None = None
) -> Settings:
    """
    Return the settings that *flags*, then *environ*, then the TOML file *config* ask for.

    *flags* holds what was given only: a text, a bool or a list of texts by the setting's
    name. Raises `BadSettings`. Reads *config*, and looks whether certificate files exist.
    """
    found = _Found()
    found.from_toml(config)
    found.from_environment(environ)
    for name, raw in flags.items():
        found.take(name, flag(name), raw, from_text)
    settings = Settings(**found.values)
    wrong = found.problems + problems(settings, found.named)
    wrong += _missing_files(settings, found) + _nowhere_to_write(settings, found)
    if wrong:
        raise BadSettings(wrong)
    return settings


class _Found:
    """What was read so far, what each setting was called there, and what is wrong with it."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.problems: list[str] = []
        self._called: dict[str, str] = {}

    def named(self, name: str) -> str:
        return self._called.get(name, flag(name))

    def take(self, name: str, called: str, raw: object, read: Callable[[str, Any], Any]) -> None:
        try:
            self.values[name] = read(name, raw)
            self._called[name] = called
        except ValueError as wrong:
            self.problems.append(f"{called} is {raw!r}: give {wrong}")

    def from_environment(self, environ: Mapping[str, str]) -> None:
        # Platforms that run web programs say the port this way; our own variable wins.
        if environ.get("PORT"):
            self.take("port", "PORT", environ["PORT"], from_text)
        for name in SETTINGS:
            variable = PREFIX + name.upper()
            if environ.get(variable):
                self.take(name, variable, environ[variable], from_text)

    def from_toml(self, config: Path | None) -> None:
        if config is None:
            return
        try:
            table = tomllib.loads(config.read_text(encoding="utf-8"))
        except OSError as error:
            self.problems.append(f"{config}: {error.strerror}; give --config a file that exists")
        except UnicodeDecodeError:
            self.problems.append(f"{config}: not UTF-8; save it as UTF-8")
        except tomllib.TOMLDecodeError as error:
            self.problems.append(f"{config}: not TOML: {error}")
        else:
            self._from_table(table, config)

    def _from_table(self, table: Mapping[str, object], config: Path) -> None:
        for name, raw in table.items():
            if name in SETTINGS:
                self.take(name, f"{config}: {name}", raw, from_toml)
            else:
                self.problems.append(f"{config}: {name} is no setting{nearest(name, SETTINGS)}")


def _missing_files(settings: Settings, found: _Found) -> list[str]:
    return [
        f"{found.named(name)} is {path}: there is no such file"
        for name in ("tls_cert", "tls_key", "metrics_token")
        if (path := getattr(settings, name)) and not path.is_file()
    ]


def _nowhere_to_write(settings: Settings, found: _Found) -> list[str]:
    path = settings.profile
    if path is None or (path.parent.is_dir() and not path.is_dir()):
        return []
    return [f"{found.named('profile')} is {path}: name a file in a directory that is there"]


def kind(name: str) -> type:
    """Return the plain type of a setting: `Path` for `Path | None`, `tuple` for several texts."""
    declared: Any = SETTINGS[name].type
    if get_args(declared):
        declared = get_args(declared)[0] if type(None) in get_args(declared) else tuple
    plain: type = declared
    return plain


def from_text(name: str, raw: Any) -> Any:
    """Return what a flag or a variable means; ValueError says what was expected."""
    wanted = kind(name)
    if isinstance(raw, bool):
        return raw
    if wanted is tuple:
        texts = raw.replace(",", " ").split() if isinstance(raw, str) else raw
        return tuple(texts)
    text = raw.strip()
    if wanted is bool:
        return _switch(text)
    if wanted in (int, float):
        return _number(wanted, text)
    return wanted(text)


def _switch(text: str) -> bool:
    if text.lower() not in _TRUE + _FALSE:
        raise ValueError("true or false")
    return text.lower() in _TRUE


def _number(wanted: type, text: str) -> Any:
    try:
        return wanted(text)
    except ValueError:
        raise ValueError(_WANTED[wanted]) from None


def from_toml(name: str, raw: Any) -> Any:
    """Return what a TOML value means; ValueError says what was expected."""
    wanted = kind(name)
    if wanted is tuple:
        texts = [raw] if isinstance(raw, str) else raw
        if isinstance(texts, list) and all(isinstance(text, str) for text in texts):
            return tuple(texts)
    elif wanted in (str, Path) and isinstance(raw, str):
        return wanted(raw)
    elif wanted is float and type(raw) is int:
        return float(raw)
    elif type(raw) is wanted:
        return raw
    raise ValueError(_WANTED[wanted])


_WANTED: Final[dict[type, str]] = {
    int: "a whole number",
    float: "a number",
    bool: "true or false, without quotes",
    str: 'a text in quotes, such as "info"',
    Path: 'a path in quotes, such as "data"',
    tuple: 'a list of texts, such as ["https://chat.example.org"]',
}


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the end of a sentence about an unknown word: what was probably meant."""
    return _nearest(word, known) or "; `conclave serve --help` lists all"


def nearest_of(word: str, known: Iterable[str]) -> str:
    """Return the end of a sentence about an unknown word: what was meant, or all there are."""
    known = list(known)
    return _nearest(word, known) or f": give one of {', '.join(sorted(known))}"


def _nearest(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word.lower(), known, n=1)
    return f": did you mean {close[0]}?" if close else ""


def strange_variables(environ: Mapping[str, str]) -> list[str]:
    """
    Return a line for each variable that is nearly the name of a setting.

    Others that begin alike are somebody else's: no word about them.
    """
    known = {PREFIX + name.upper(): None for name in SETTINGS} | {PREFIX + "CONFIG": None}
    return [
        f"{name} is no setting: did you mean {close[0]}?"
        for name in environ
        if name.startswith(PREFIX) and name not in known
        if (close := difflib.get_close_matches(name, known, n=1, cutoff=0.88))
    ]
