"""The routes of a node's HTTP API beside those of the ways in: the chat, the office, the door."""

from litestar.handlers import HTTPRouteHandler

from conclave.app.connections import Connections
from conclave.app.ears import HttpEars
from conclave.app.entry import WaysIn
from conclave.app.facts import Facts
from conclave.app.upkeep import Upkeep
from conclave.controllers.commands import offered_of
from conclave.controllers.node import Node
from conclave.http.admin import admin_routes
from conclave.http.chat import chat_routes
from conclave.http.door import door_routes
from conclave.http.peer import Chat
from conclave.model import CommandInfo
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
    connections: Connections,
) -> list[HTTPRouteHandler]:
    chat = Chat(shell.dispatcher, node)

    def offered() -> list[CommandInfo]:
        return offered_of(node)

    confirm = ways_in.confirming.require
    return [
        *admin_routes(office, facts.now, confirm, upkeep, connections, offered),
        *door_routes(door),
        *chat_routes(chat, HttpEars(door, ways_in.tickets)),
    ]
