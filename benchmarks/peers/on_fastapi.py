"""The room server on FastAPI, under uvicorn with uvloop and its quicker WebSocket protocol."""

import json
from collections import defaultdict

from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from serving import serve
from told import told

app = FastAPI()
rooms: dict[str, set[WebSocket]] = defaultdict(set)


async def tell(room: str, text: str) -> None:
    # One after the other: gather() costs a task for each, and is slower.
    for member in list(rooms[room]):
        await member.send_text(text)


@app.websocket("/ws")
async def talk(websocket: WebSocket) -> None:
    await websocket.accept()
    user, joined = None, set()
    try:
        while True:
            event = json.loads(await websocket.receive_text())
            data = event["data"]
            if event["type"] == "auth":
                user = data["token"]
                await websocket.send_text('{"type":"auth:response"}')
            elif event["type"] == "join:room" and user is not None:
                rooms[data["room"]].add(websocket)
                joined.add(data["room"])
                await websocket.send_text('{"type":"history"}')
            elif event["type"] == "chat" and data["room"] in joined:
                await tell(data["room"], told(data["text"], data["room"], user))
    except WebSocketDisconnect:
        pass
    finally:
        for room in joined:
            rooms[room].discard(websocket)


if __name__ == "__main__":
    serve(app, "fastapi")
