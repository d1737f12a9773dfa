"""
Runs a command that goes on for ever, and ends it when it has shown that it works.

`python -m tests.docs.ended conclave serve …`: a server gets a directory of its own and a free
port of loopback, must say that it is there, and must stop in good order.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time

# Others show what there is within this time, and must not have failed by then.
SHOWN_WITHIN_S = 1.5
# As after Ctrl-C.
INTERRUPTED = 130


def main(words: list[str]) -> int:
    return serve(words) if words[1] == "serve" else follow(words)


def serve(words: list[str]) -> int:
    with tempfile.TemporaryDirectory() as data:
        for flag, value in (("--data", data), ("--port", "0"), ("--host", "127.0.0.1")):
            if flag in words:
                words[words.index(flag) + 1] = value
            else:
                words += [flag, value]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("CONCLAVE")}
        with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            shown = any("Stop it" in line for line in process.stdout)
            process.terminate()
            process.stdout.read()
        return process.returncode if shown else 1


def follow(words: list[str]) -> int:
    with subprocess.Popen(words) as process:
        time.sleep(SHOWN_WITHIN_S)
        if process.poll() is not None:
            return process.returncode or 1
        process.send_signal(signal.SIGINT)
    return 0 if process.returncode == INTERRUPTED else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
