"""`conclave chat` as people have it: a process in a terminal of tmux, typed to and read."""

import os
import shutil
import signal
import subprocess
import sys
import time
from asyncio import to_thread
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.node_process import ENVIRONMENT, NodeProcess

from conclave.client import Client
from conclave.testing import serve

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.skipif(shutil.which("tmux") is None, reason="no tmux here: apt install tmux"),
]
# Of the demo.
JOHN, ADMIN = "user-token-123", "admin-token-456"
HOSTILE = "\u202egnp.exe [bold]no markup[/]"


class Terminal:
    """One terminal of 100 by 30, in which `conclave chat` runs."""

    def __init__(self, folder: Path, url: str, token: str) -> None:
        self._socket = str(folder / "tmux.sock")
        file = folder / "token"
        file.write_text(token)
        file.chmod(0o600)
        words = [sys.executable, "-m", "conclave", "chat", url, "--token-file", str(file)]
        self._tmux("new-session", "-d", "-x", "100", "-y", "30", *words)

    def _tmux(self, *words: str) -> str:
        environment = {**ENVIRONMENT, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            ["tmux", "-u", "-S", self._socket, *words],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    @property
    def screen(self) -> str:
        return self._tmux("capture-pane", "-p")

    def press(self, *keys: str) -> None:
        self._tmux("send-keys", *keys)

    def type(self, text: str) -> None:  # what people do
        self._tmux("send-keys", "-l", text)

    def until(self, seen: Callable[[str], bool], within: float = 20.0) -> str:
        deadline = time.monotonic() + within
        while not seen(self.screen):
            assert time.monotonic() < deadline, self.screen
            time.sleep(0.1)
        return self.screen

    def shows(self, text: str, within: float = 20.0) -> str:
        return self.until(lambda screen: text in screen, within)

    def close(self) -> None:
        subprocess.run(["tmux", "-S", self._socket, "kill-server"], check=False)


def test_join_read_send_edit_search_and_the_server_restarts(tmp_path):
    with NodeProcess(tmp_path / "data", "--demo") as server:
        port, url = server.port, f"ws://localhost:{server.port}"
        send(url, "general", "a word from the admin", HOSTILE)
        terminal = Terminal(tmp_path, url, JOHN)
        try:
            reads_and_writes(terminal)
            searches(terminal)
            server.send_signal(signal.SIGTERM)
            server.wait(20)
            terminal.shows("◔ Connection lost. Trying again")
            terminal.type("written meanwhile")
            terminal.press("Enter")
            terminal.shows("1 of your messages wait here.")
            with NodeProcess(tmp_path / "data", "--demo", port=port):
                terminal.shows("● Connected · john", 40)
                terminal.shows("john: written meanwhile")
        finally:
            terminal.close()


def reads_and_writes(terminal: Terminal) -> None:
    terminal.shows("● Connected · john")
    terminal.shows("a word from the admin")
    terminal.shows("\\u202egnp.exe [bold]no markup[/]")
    terminal.type("good mornig")
    terminal.press("Enter")
    terminal.shows("john: good mornig")
    terminal.press("BTab")
    terminal.shows("r Reply")
    terminal.press("End")
    terminal.press("e")
    terminal.shows("Editing number")
    terminal.press("BSpace", "BSpace")
    terminal.type("ing to all")
    terminal.press("Enter")
    terminal.shows("good morning to all (edited)")


def searches(terminal: Terminal) -> None:
    terminal.press("C-f")
    terminal.shows("Words, from:ann")
    terminal.type("word")
    terminal.press("Enter")
    terminal.until(lambda screen: "general 3 admin: " in screen)
    terminal.press("Enter")
    terminal.shows("Esc leads back to the newest")
    terminal.press("Escape")
    keep(terminal.until(lambda screen: "Esc leads back" not in screen))


def keep(screen: str) -> None:
    """Keep the picture for the docs, if somebody wants it."""
    if "CAPTURE" in os.environ:
        Path(os.environ["CAPTURE"]).write_text(screen)


def send(url: str, room: str, *texts: str) -> None:
    environment = {**ENVIRONMENT, "CONCLAVE_TOKEN": ADMIN, "CONCLAVE_URL": url}
    for text in texts:
        command = [sys.executable, "-m", "conclave", "send", room, text]
        subprocess.run(command, env=environment, check=True, capture_output=True)


async def test_j9_a_terminal_that_takes_nothing_holds_nobody_else_up(tmp_path):
    """It is stopped for ten seconds, as by Ctrl+S, while a thousand messages are said."""
    async with serve(demo=True, rate=0.0, burst=0) as server:
        url = server.url
        terminal = await to_thread(Terminal, tmp_path, url, JOHN)
        try:
            await to_thread(terminal.shows, "● Connected · john")
            pid = int(terminal._tmux("display-message", "-p", "#{pane_pid}"))
            os.kill(pid, signal.SIGSTOP)
            async with Client(url, token=ADMIN) as client:
                room = client.room("general")
                slowest = 0.0
                for n in range(1_000):
                    began = time.monotonic()
                    await room.send(f"message {n} while nobody reads")
                    slowest = max(slowest, time.monotonic() - began)
            assert slowest < 1.0
            os.kill(pid, signal.SIGCONT)
            await to_thread(terminal.shows, "message 999 while", 60)
        finally:
            await to_thread(terminal.close)
