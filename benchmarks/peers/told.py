"""What the peers in Python say to a room: the same frame as all others, as quick as it goes."""

import json
import time


def told(text: str, room: str, user: str) -> str:
    data = {"type": "message", "text": text, "room": room, "user": user}
    data |= {"timestamp": int(time.time() * 1000), "user_id": user}
    return json.dumps({"type": "chat", "data": data}, separators=(",", ":"))
