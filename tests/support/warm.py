"""
The `conclave` command without its imports: each is forked from a process that has done them.

For those who run many commands, one after the other. All else is as ever: a process of its
own, with its directory, environment, files, signals and exit code.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

# What a shell starts: it hands its files over, and passes on signals and the exit code.
_STUB = """#!{python} -SE
import json, os, signal, socket, sys
warm = socket.socket(socket.AF_UNIX)
warm.connect({path!r})
told = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
socket.send_fds(warm, [len(told).to_bytes(4, "big")], [0, 1, 2])
warm.sendall(told)
pid = int.from_bytes(warm.recv(4), "big")
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, lambda number, _: os.kill(pid, number))
sys.exit((warm.recv(1) or b"\\1")[0])
"""


class Warm:
    """The process that has imported everything. Leaving it ends it, and not what it forked."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "warm.sock"
        command = [sys.executable, "-m", "tests.support.warm", str(self._path)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"warm\n"

    def install(self, place: Path) -> None:
        """Put the command at *place*."""
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(_STUB.format(python=sys.executable, path=str(self._path)))
        place.chmod(0o755)

    def stop(self) -> None:
        assert self._process.stdout is not None
        self._process.terminate()
        self._process.wait()
        self._process.stdout.close()


def serve(path: str) -> None:
    # All of what commands import, and a server.
    from conclave.app import running  # noqa: F401
    from conclave.cli.commands import build

    commands = build()
    for name in commands:
        # That imports it.
        commands[name]
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(64)
        print("warm", flush=True)
        while True:
            asked, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                _become(asked)
            asked.close()


def _become(asked: socket.socket) -> None:
    """Be the command that was asked for, to its end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    size, files, _, _ = socket.recv_fds(asked, 4, 3)
    words, folder, environment = json.loads(_exactly(asked, int.from_bytes(size, "big")))
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["conclave", *words]
    # Those of the other process know how its files were.
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))
    asked.sendall(os.getpid().to_bytes(4, "big"))
    code = _run(words)
    asked.sendall(bytes([code & 255]))
    os._exit(code)


def _run(words: list[str]) -> int:
    from conclave.cli import main

    try:
        return main(words)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except KeyboardInterrupt:
        return 130
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def _exactly(asked: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        found += asked.recv(size - len(found))
    return found


if __name__ == "__main__":
    serve(sys.argv[1])
