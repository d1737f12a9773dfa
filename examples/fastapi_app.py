"""A FastAPI application that gains a chat: `uvicorn examples.fastapi_app:app`."""

import hashlib
import hmac
import os
from typing import Annotated

from fastapi import Cookie, FastAPI, HTTPException

from conclave import Draft, Identity, Reject
from conclave.asgi import App, Conclave

SECRET = os.environ.get("SITE_SECRET", "of the site, not of the source").encode()
# Whoever has signed in at the site, by the site's own session.
SESSIONS = {"session-of-ada": "ada"}


def signed(user: str) -> str:
    return hmac.new(SECRET, user.encode(), hashlib.sha256).hexdigest()


class Site:
    """The site's people are the chat's: a token that the site has signed is good here."""

    async def authenticate(self, token: str) -> Identity | None:
        kind, _, rest = token.partition(":")
        if kind != "site":
            return None
        user, _, mark = rest.partition(":")
        if not hmac.compare_digest(signed(user), mark):
            raise Reject("auth_failed")
        return Identity(user=user, name=user.title())


chat = Conclave(App(authenticators=[Site()]), data=os.environ.get("CHAT_DATA", "chat-data"))
app = FastAPI(lifespan=chat.lifespan)


@app.get("/chat-token")
async def chat_token(session: Annotated[str | None, Cookie()] = None) -> dict[str, str]:
    user = SESSIONS.get(session or "")
    if user is None:
        raise HTTPException(401)
    return {"token": f"site:{user}:{signed(user)}"}


@app.post("/orders/{number}")
async def order(number: int) -> dict[str, int]:
    text = f"Order {number} has come in"
    stored = await chat.node.relay.send(
        Draft(room="orders", user="system", name="system", text=text, client_id=f"order-{number}")
    )
    return {"told": stored.seq}


# Last: what the site has no route for is the chat's, its page at / among it.
app.mount("/", chat)
