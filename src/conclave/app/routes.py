"""The routes of a node's HTTP API beside those of the ways in: the chat, the office, the door."""

from litestar.handlers import HTTPRouteHandler

from conclave.app.ears import HttpEars
from conclave.app.entry import WaysIn
from conclave.app.facts import Facts
from conclave.app.upkeep import Upkeep
from conclave.controllers.node import Node
from conclave.http.admin import admin_routes
from conclave.http.chat import chat_routes
from conclave.http.door import door_routes
from conclave.http.peer import Chat
from conclave.office import Office
from conclave.server.door import FrontDoor
from conclave.server.shell import Shell


def node_routes(
    shell: Shell,
    node: Node,
    office: Office,
    facts: Facts,
    ways_in: WaysIn,
    upkeep: Upkeep,
    door: FrontDoor,
) -> list[HTTPRouteHandler]:
    chat = Chat(shell.dispatcher, node)
    return [
        *admin_routes(office, facts.now, ways_in.confirming.require, upkeep),
        *door_routes(door),
        *chat_routes(chat, HttpEars(door, ways_in.tickets)),
    ]
