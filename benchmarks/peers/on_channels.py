"""The room server on Django Channels, with its layer in memory (one process), under uvicorn."""

import json

import django
from django.conf import settings
from serving import serve
from told import told

# As much as a room of a thousand has under way; beyond a hundred, by default, it drops messages.
LAYER = {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 100_000}}
settings.configure(
    SECRET_KEY="only for benchmarks",
    CHANNEL_LAYERS={"default": LAYER},
    DATABASES={},
    INSTALLED_APPS=["channels"],
)
django.setup()

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path  # noqa: E402


class Room(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        self.user, self.joined = None, set()
        await self.accept()

    async def disconnect(self, _code: int) -> None:
        for room in self.joined:
            await self.channel_layer.group_discard(f"room-{room}", self.channel_name)

    async def receive(self, text_data: str) -> None:
        event = json.loads(text_data)
        data = event["data"]
        if event["type"] == "auth":
            self.user = data["token"]
            await self.send('{"type":"auth:response"}')
        elif event["type"] == "join:room" and self.user is not None:
            await self.channel_layer.group_add(f"room-{data['room']}", self.channel_name)
            self.joined.add(data["room"])
            await self.send('{"type":"history"}')
        elif event["type"] == "chat" and data["room"] in self.joined:
            text = told(data["text"], data["room"], self.user)
            await self.channel_layer.group_send(
                f"room-{data['room']}", {"type": "tell", "text": text}
            )

    async def tell(self, event: dict[str, str]) -> None:
        await self.send(event["text"])


app = ProtocolTypeRouter({"websocket": URLRouter([path("ws", Room.as_asgi())])})

if __name__ == "__main__":
    serve(app, "channels", "django")
