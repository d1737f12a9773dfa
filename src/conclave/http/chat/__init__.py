"""
The chat over HTTP: what a socket may ask for, as routes of the API; a module for each subject.

Each route builds the event that a socket would send and lets the same handler answer it, so that
rights, limits, checks and the audit log are the same. Its `opt` names the event.
"""

from litestar.handlers import HTTPRouteHandler

from conclave.http.chat.events import Ears, event_routes
from conclave.http.chat.finding import finding_routes
from conclave.http.chat.govern import govern_routes
from conclave.http.chat.history import history_routes
from conclave.http.chat.members import member_routes
from conclave.http.chat.messages import message_routes
from conclave.http.chat.people import people_routes
from conclave.http.chat.rooms import room_routes
from conclave.http.peer import Chat


def chat_routes(chat: Chat, ears: Ears) -> list[HTTPRouteHandler]:
    return [
        *room_routes(chat),
        *member_routes(chat),
        *message_routes(chat),
        *history_routes(chat),
        *event_routes(chat, ears),
        *govern_routes(chat),
        *finding_routes(chat),
        *people_routes(chat),
    ]


__all__ = ["chat_routes"]
