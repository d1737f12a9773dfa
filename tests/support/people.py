"""As many people as a test needs: whoever says «I am NAME» is NAME."""

from conclave import App, Identity


class Believing:
    """An authenticator for tests: the token `i-am-NAME` is NAME's."""

    async def authenticate(self, token: str) -> Identity | None:
        who = token.removeprefix("i-am-")
        return None if who == token else Identity(user=who, name=who)


def app(*controllers: type) -> App:
    return App(*controllers, authenticators=[Believing()])


# For `conclave serve --app tests.support.people:APP`.
APP = app()
