"""
The floor: one `send` per member and nothing else. `python -m benchmarks.bare COUNT`.

It prints its port, accepts COUNT members, then a controller; whatever the controller sends
goes to each member, byte for byte.
"""

import socket
import sys


def main() -> None:
    count = int(sys.argv[1])
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        print(listener.getsockname()[1], flush=True)
        members = [listener.accept()[0] for _ in range(count)]
        for member in members:
            member.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            member.setblocking(False)
        controller, _ = listener.accept()
        while message := controller.recv(65_536):
            for member in members:
                member.send(message)


if __name__ == "__main__":
    main()
