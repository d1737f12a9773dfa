"""Scopes are written on the command line as everywhere else, and as they once were."""

import pytest

from conclave.cli import bot, token
from conclave.model import Scope


@pytest.mark.parametrize("app", [bot.app, token.app], ids=["bot", "token"])
@pytest.mark.parametrize("scope", Scope)
def test_a_scope_is_written_as_the_api_has_it_or_with_a_dash(app, scope):
    for word in (str(scope), str(scope).replace(":", "-")):
        _, bound, _ = app.parse_args(
            ["create", "hal", "--scope", word], exit_on_error=False, print_error=False
        )
        assert bound.arguments["scope"] == [scope]


def test_the_words_that_help_names_are_those_of_the_api():
    with pytest.raises(Exception, match='"history:read"'):
        bot.app.parse_args(
            ["create", "hal", "--scope", "history"], exit_on_error=False, print_error=False
        )
