"""nginx, Caddy and HAProxy as `deploy/` configures them, on free ports of loopback."""

import os
import shutil
import socket
import ssl
import subprocess
import time
from pathlib import Path
from typing import Self

import trustme
from tests.support.ports import free_port

DEPLOY = Path(__file__).parents[2] / "deploy"
NAME = "chat.example.org"


def replaced(text: str, *pairs: tuple[str, str]) -> str:
    """Return *text* with each first in place of its second; one that is not there is a mistake."""
    for old, new in pairs:
        assert old in text, f"{old!r} is not in the configuration any more"
        text = text.replace(old, new)
    return text


class Front:
    """A proxy before the server on *upstream*: `with Nginx(folder, 3000) as front:`."""

    program: str

    def __init__(self, folder: Path, upstream: int) -> None:
        self.folder, self.upstream = folder, upstream
        self.port, self.plain_port = free_port(), free_port()
        self.authority = trustme.CA()
        issued = self.authority.issue_cert("localhost")
        self.chain, self.key = folder / "fullchain.pem", folder / "privkey.pem"
        issued.cert_chain_pems[0].write_to_path(self.chain)
        issued.private_key_pem.write_to_path(self.key)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def trusting(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        return context

    def configure(self) -> list[str]:
        """Write what it is configured with, and return the command that starts it."""
        raise NotImplementedError

    def reload(self) -> None:
        """Load the configuration anew, as its administrator would."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        command = self.configure()
        self._log = (self.folder / "front.log").open("w")
        # Nothing of the person who runs the tests: certificates would land in their home.
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder)}
        self.process = subprocess.Popen(
            command, env=self.environment, stdout=self._log, stderr=self._log
        )
        until = time.monotonic() + 30
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > until:
                self.__exit__()
                raise AssertionError((self.folder / "front.log").read_text())
            time.sleep(0.01)
        return self

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._log.close()

    def _run(self, *command: str) -> None:
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=20
        )
        assert done.returncode == 0, done.stderr


class Nginx(Front):
    program = "nginx"

    def site(self) -> str:
        site = (DEPLOY / "nginx" / "conclave.conf").read_text()
        return replaced(site, ("127.0.0.1:3000", f"127.0.0.1:{self.upstream}"))

    def configure(self) -> list[str]:
        site = self.site()
        # Nothing but loopback, and this machine's name.
        site = "\n".join(line for line in site.split("\n") if "listen [::]" not in line)
        site = replaced(
            site,
            (f"/etc/letsencrypt/live/{NAME}/fullchain.pem", str(self.chain)),
            (f"/etc/letsencrypt/live/{NAME}/privkey.pem", str(self.key)),
            (NAME, "localhost"),
            ("listen 443", f"listen 127.0.0.1:{self.port}"),
            ("listen 80", f"listen 127.0.0.1:{self.plain_port}"),
        )
        (self.folder / "site.conf").write_text(site)
        temporary = "".join(
            f"{kind}_temp_path {self.folder}/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        user = "user root;" if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(
            f"{user} daemon off; worker_processes 1; pid {self.folder}/pid;\n"
            f"error_log {self.folder}/error.log info;\n"
            "events { worker_connections 256; }\n"
            f"http {{ access_log {self.folder}/access.log; {temporary}\n"
            f"include {self.folder}/site.conf; }}\n"
        )
        return self._nginx()

    def _nginx(self, *more: str) -> list[str]:
        program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
        assert program is not None
        files = ["-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]
        return [program, *files, "-e", str(self.folder / "error.log"), *more]

    def reload(self) -> None:
        self._run(*self._nginx("-t", "-q"))
        self._run(*self._nginx("-s", "reload"))


class Caddy(Front):
    program = "caddy"

    def configure(self) -> list[str]:
        self._file = self.folder / "Caddyfile"
        site = (DEPLOY / "caddy" / "Caddyfile").read_text()
        self._admin = f"unix/{self.folder}/admin.sock"
        options = f"admin {self._admin}\n\thttp_port {self.plain_port}\n\tdefault_bind 127.0.0.1"
        site = replaced(
            site,
            (f"\n{NAME} {{\n", f"\n{self.url} {{\n\ttls {self.chain} {self.key}\n"),
            ("127.0.0.1:3000", f"127.0.0.1:{self.upstream}"),
            ("{\n\t# Who has", f"{{\n\t{options}\n\t# Who has"),
        )
        self._file.write_text(site)
        return ["caddy", "run", "--config", str(self._file), "--adapter", "caddyfile"]

    def reload(self) -> None:
        file = ["--config", str(self._file), "--adapter", "caddyfile"]
        self._run("caddy", "validate", *file)
        self._run("caddy", "reload", "--force", "--address", self._admin, *file)


NODES = ("10.0.0.11:3000", "10.0.0.12:3000")


class NginxOfTwo(Nginx):
    """nginx before two nodes, at *upstream* and the port after it."""

    def site(self) -> str:
        one = super().site()
        begin = one.index("upstream conclave {")
        end = one.index("}", begin) + 1
        two = (DEPLOY / "nginx" / "nodes.conf").read_text()
        return one[:begin] + replaced(two, *nodes_at(self.upstream)) + one[end:]


class Haproxy(Front):
    """HAProxy before two nodes, at *upstream* and the port after it."""

    program = "haproxy"

    def configure(self) -> list[str]:
        both = self.folder / "both.pem"
        both.write_bytes(self.chain.read_bytes() + self.key.read_bytes())
        self._config = self.folder / "haproxy.cfg"
        self._config.write_text(
            replaced(
                (DEPLOY / "haproxy" / "haproxy.cfg").read_text(),
                (f"/etc/haproxy/{NAME}.pem", str(both)),
                ("bind :443", f"bind 127.0.0.1:{self.port}"),
                ("bind :80", f"bind 127.0.0.1:{self.plain_port}"),
                ("log /dev/log local0", "log stderr format raw local0"),
                ("maxconn 50000", "maxconn 500"),
                *nodes_at(self.upstream),
            )
        )
        program = shutil.which("haproxy", path=f"{os.environ['PATH']}:/usr/sbin")
        assert program is not None
        subprocess.run([program, "-c", "-q", "-f", str(self._config)], check=True)
        return [program, "-db", "-f", str(self._config)]


def nodes_at(port: int) -> list[tuple[str, str]]:
    return [(node, f"127.0.0.1:{port + at}") for at, node in enumerate(NODES)]
