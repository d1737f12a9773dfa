// The room server on Socket.IO: its rooms, the WebSocket transport alone, no compression.
const { createRequire } = require("node:module");
const here = createRequire(`${process.cwd()}/`);
const { createServer } = require("node:http");
const { Server } = here("socket.io");

const http = createServer();
const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false, httpCompression: false, serveClient: false });

io.on("connection", (socket) => {
  socket.on("auth", ({ token }) => {
    socket.data.user = token;
    socket.emit("auth:response", {});
  });
  socket.on("join:room", ({ room }) => {
    if (socket.data.user === undefined) return;
    socket.join(room);
    socket.emit("history", {});
  });
  socket.on("chat", ({ text, room }) => {
    if (!socket.rooms.has(room)) return;
    const user = socket.data.user;
    io.to(room).emit("chat", { type: "message", text, room, user, timestamp: Date.now(), user_id: user });
  });
});
http.listen(Number(process.argv[2]), "127.0.0.1", () =>
  console.log(`port ${http.address().port} socket.io ${here("socket.io/package.json").version} node ${process.versions.node}`),
);
