// The room server on Bun: its own publish and subscribe, one message framed once for all.
const told = (text, room, user) =>
  JSON.stringify({ type: "chat", data: { type: "message", text, room, user, timestamp: Date.now(), user_id: user } });

const server = Bun.serve({
  port: Number(process.argv[2]),
  hostname: "127.0.0.1",
  fetch(request, server) {
    if (new URL(request.url).pathname === "/ws" && server.upgrade(request, { data: { user: null, rooms: new Set() } })) return;
    return new Response("a room server", { status: 426 });
  },
  websocket: {
    perMessageDeflate: false,
    message(socket, text) {
      const { type, data } = JSON.parse(text);
      if (type === "auth") {
        socket.data.user = data.token;
        socket.send('{"type":"auth:response"}');
      } else if (type === "join:room" && socket.data.user !== null) {
        socket.subscribe(data.room);
        socket.data.rooms.add(data.room);
        socket.send('{"type":"history"}');
      } else if (type === "chat" && socket.data.rooms.has(data.room)) {
        server.publish(data.room, told(data.text, data.room, socket.data.user));
      }
    },
  },
});
console.log(`port ${server.port} bun ${Bun.version}`);
