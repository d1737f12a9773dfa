// The room server on Node's `ws`: one text for all, handed to each member as a buffer made once.
const { createRequire } = require("node:module");
const here = createRequire(`${process.cwd()}/`);
const { WebSocketServer } = here("ws");

const rooms = new Map();
const server = new WebSocketServer({ host: "127.0.0.1", port: Number(process.argv[2]), path: "/ws", perMessageDeflate: false });

const told = (text, room, user) =>
  JSON.stringify({ type: "chat", data: { type: "message", text, room, user, timestamp: Date.now(), user_id: user } });

function join(socket, room) {
  if (!rooms.has(room)) rooms.set(room, new Set());
  rooms.get(room).add(socket);
  socket.rooms.add(room);
  socket.send('{"type":"history"}');
}

function tell(room, text) {
  const data = Buffer.from(text);
  for (const member of rooms.get(room)) member.send(data, { binary: false });
}

server.on("connection", (socket) => {
  socket.user = null;
  socket.rooms = new Set();
  socket.on("message", (text) => {
    const { type, data } = JSON.parse(text);
    if (type === "auth") {
      socket.user = data.token;
      socket.send('{"type":"auth:response"}');
    } else if (type === "join:room" && socket.user !== null) {
      join(socket, data.room);
    } else if (type === "chat" && socket.rooms.has(data.room)) {
      tell(data.room, told(data.text, data.room, socket.user));
    }
  });
  socket.on("close", () => {
    for (const room of socket.rooms) rooms.get(room).delete(socket);
  });
});
server.on("listening", () => console.log(`port ${server.address().port} ws ${here("ws/package.json").version} node ${process.versions.node}`));
