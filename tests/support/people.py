"""As many people as a test needs: whoever says «I am NAME» is NAME."""

import structlog

from conclave import App, Controller, Identity, on_disconnect

log = structlog.get_logger(__name__)


class Believing:
    """An authenticator for tests: the token `i-am-NAME` is NAME's."""

    async def authenticate(self, token: str) -> Identity | None:
        who = token.removeprefix("i-am-")
        return None if who == token else Identity(user=who, name=who)


class Ends(Controller):
    """Writes into the log how connections ended that did not end well."""

    @on_disconnect
    async def note(self, connection, code, reason):
        if code >= 4000:
            log.warning("parted", user=connection.user, code=code, reason=reason)


def app(*controllers: type) -> App:
    return App(*controllers, authenticators=[Believing()])


# For `conclave serve --app tests.support.people:APP`.
APP = app(Ends)
