"""
A worker that serves nobody: it says that it is ready, and does what the file `orders` says.

`python -m tests.support.worker_process ORDERS`; each start leaves a line in `ORDERS.starts`.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from conclave.workers.post import READY, Post
from conclave.workers.systemd import Supervisor


async def main(orders: Path) -> int:
    post = Post.taken(os.environ)
    assert post is not None
    with orders.with_suffix(".starts").open("a") as starts:
        starts.write(f"{post.number} {os.getpid()} {int(post.first)}\n")
    wish = json.loads(orders.read_text()).get(str(post.number), {})
    if "exit" in wish:
        return int(wish["exit"])
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGUSR2):
        loop.add_signal_handler(number, said, orders, number, *([] if "stays" in wish else [ended]))
    loop.add_signal_handler(signal.SIGHUP, said, orders, signal.SIGHUP)
    post.when_deserted(ended.set)
    post.announce(f"http://{post.number}", ["hall"], [], "")
    supervisor = Supervisor(post)
    async with supervisor.kept_alive():
        supervisor.tell(READY)
        await ended.wait()
    return 0


def said(orders: Path, number: int, ended: asyncio.Event | None = None) -> None:
    with orders.with_suffix(".signals").open("a") as signals:
        signals.write(f"{os.getpid()} {signal.Signals(number).name}\n")
    if ended is not None:
        ended.set()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Path(sys.argv[1]))))
