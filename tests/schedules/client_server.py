"""
A server in small, for schedules of the client: rooms with logs, idempotent requests, joins
by position, and a wire that breaks at any moment with anything still under way.
"""

import json
from collections import deque
from random import Random
from typing import Any

PAGE = 5
ME = {"id": "user1", "name": "john", "role": "user"}


class Room:
    """One log: numbers from `first` on."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.epoch = "e1"
        self.first = 1
        self.lines: list[dict[str, Any]] = []
        self.made: dict[str, int] = {}

    @property
    def last(self) -> int:
        return self.first + len(self.lines) - 1

    def after(self, seq: int) -> list[dict[str, Any]]:
        return self.lines[max(0, seq - self.first + 1) :]

    def add(self, user: str, text: str, id_: str | None) -> dict[str, Any]:
        seq = self.last + 1
        line = {
            "type": "message",
            "room": self.name,
            "seq": seq,
            "id": f"{self.epoch}-{seq}",
            "user": user,
            "user_id": user,
            "timestamp": seq,
            "text": text,
        }
        if id_ is not None:
            line["client_id"] = id_
            self.made[id_] = seq
        self.lines.append(line)
        return line


class Model:
    """The server's end of one client's wire."""

    def __init__(self, dice: Random, rooms: list[str]) -> None:
        self.dice = dice
        self.rooms = {name: Room(name) for name in rooms}
        # Which connection is open; None: none.
        self.generation: int | None = None
        self.authenticated = False
        self.attached: set[str] = set()
        self.to_server: deque[dict[str, Any]] = deque()
        self.to_client: deque[dict[str, Any]] = deque()
        self.resets = 0
        # From then on no line is lost on the way.
        self.reliable = False

    def open(self, generation: int) -> None:
        self.lose()
        self.generation = generation

    def lose(self) -> None:
        """The connection breaks: what is under way is lost."""
        self.generation = None
        self.authenticated = False
        self.attached.clear()
        self.to_server.clear()
        self.to_client.clear()

    def say(self, room: str, text: str) -> None:
        """Somebody else writes."""
        self._tell(self.rooms[room].add("admin1", text, None))

    def purge(self, room: str) -> None:
        there = self.rooms[room]
        gone = self.dice.randrange(len(there.lines) + 1)
        there.lines = there.lines[gone:]
        there.first += gone

    def restore(self, room: str) -> None:
        """An older copy takes the place of the log, and goes another way from there."""
        there = self.rooms[room]
        self.resets += 1
        kept = self.dice.randrange(len(there.lines) + 1)
        there.lines = [*there.lines[:kept]]
        there.made = {id_: seq for id_, seq in there.made.items() if seq <= there.last}
        there.epoch = f"e{self.resets + 1}"
        self.lose()

    def serve(self) -> None:
        """Take the oldest request that has arrived."""
        if not self.to_server:
            return
        request = self.to_server.popleft()
        verb = getattr(self, "_" + request["type"].replace(":", "_"), None)
        if verb is None:
            raise AssertionError(f"no such request: {request}")
        verb(request.get("id"), request["data"])

    def _put(self, type_: str, data: object, id_: str | None = None) -> None:
        frame = {"type": type_, "data": data}
        self.to_client.append(frame if id_ is None else {**frame, "id": id_})

    def _no(self, code: str, id_: str | None, after: int | None = None) -> None:
        more = {} if after is None else {"retry_after_ms": after}
        retryable = code in ("busy", "rate_limited")
        self._put("error", {"message": code, "code": code, "retryable": retryable, **more}, id_)

    def _tell(self, line: dict[str, Any]) -> None:
        if line["room"] not in self.attached:
            return
        # No server of ours loses a line or tells one twice; a client relies on numbers alone.
        luck = self.dice.random()
        for _ in range(0 if luck < 0.05 and not self.reliable else 2 if luck > 0.95 else 1):
            self._put("chat", line)

    def _auth(self, _id: str | None, data: dict[str, Any]) -> None:
        if self.dice.random() < 0.05:
            self._no("busy", None, 50)
            return
        self.authenticated = True
        self._put("auth:response", {"success": True, "user": ME})

    def _heartbeat(self, _id: str | None, data: dict[str, Any]) -> None:
        self._put("heartbeat", {**data, "server_time": 0})

    def _join_room(self, id_: str | None, data: dict[str, Any]) -> None:
        if self.dice.random() < 0.1:
            self.attached.discard(data["room"])
            self._no("busy", id_, 20)
            return
        self._put("history", self._page(data["room"], data.get("since")), id_)

    def _join_rooms(self, id_: str | None, data: dict[str, Any]) -> None:
        refused = []
        for wanted in data["rooms"]:
            if self.dice.random() < 0.1:
                self.attached.discard(wanted["room"])
                no = {"code": "busy", "message": "busy", "retryable": True}
                refused.append({"room": wanted["room"], **no})
            else:
                self._put("history", self._page(wanted["room"], wanted.get("since")))
        self._put("ack", {"refused": refused}, id_)

    def _page(self, name: str, since: dict[str, Any] | None) -> dict[str, Any]:
        room = self.rooms[name]
        reset = since is not None and not self._knows(room, since)
        if since is None or reset:
            lines, more = room.lines[-PAGE:], len(room.lines) > PAGE
            upto, attached = room.last, True
        else:
            rest = room.after(since["seq"])
            lines, more = rest[:PAGE], len(rest) > PAGE
            upto, attached = since["seq"] + len(lines), not more
        (self.attached.add if attached else self.attached.discard)(name)
        numbers = {"first_seq": room.first, "last_seq": room.last, "upto": upto}
        return {
            "room": name,
            "messages": lines,
            "epoch": room.epoch,
            **numbers,
            "more": more,
            "reset": reset,
        }

    @staticmethod
    def _knows(room: Room, since: dict[str, Any]) -> bool:
        if since["epoch"] != room.epoch or not room.first - 1 <= since["seq"] <= room.last:
            return False
        at = [line["id"] for line in room.lines if line["seq"] == since["seq"]]
        return "id" not in since or since["id"] is None or not at or at == [since["id"]]

    def _chat(self, id_: str | None, data: dict[str, Any]) -> None:
        assert id_ is not None, "a message without an id"
        room = self.rooms[data["room"]]
        luck = self.dice.random()
        if luck < 0.1:
            self._no(self.dice.choice(["busy", "rate_limited"]), id_, 30)
        elif id_ in room.made:
            self._ack(id_, room, room.made[id_])
        elif room.name not in self.attached:
            self._no("not_in_room", id_)
        else:
            line = room.add("user1", data["text"], id_)
            self._ack(id_, room, line["seq"])
            self._tell(line)

    def _ack(self, id_: str, room: Room, seq: int) -> None:
        stored = {"room": room.name, "seq": seq, "message_id": f"{room.epoch}-{seq}"}
        self._put("ack", {**stored, "timestamp": seq}, id_)

    def arrive(self, text: bytes) -> None:
        self.to_server.append(json.loads(text))
