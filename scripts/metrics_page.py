"""
Writes docs/metrics.md from `conclave.app.metrics`, so that the page cannot lag.

`python scripts/metrics_page.py` writes it; tests/docs compares.
"""

from pathlib import Path

from conclave.app.metrics import Metric
from conclave.app.metrics.attaching import ATTACHING
from conclave.app.metrics.chat import CHAT
from conclave.app.metrics.machine import MACHINE
from conclave.app.metrics.nodes import NODES
from conclave.app.metrics.webhooks import WEBHOOKS

PAGE = Path(__file__).parent.parent / "docs" / "metrics.md"

HEAD = """# Metrics

What a server counts and measures, for [Prometheus](https://prometheus.io) or whatever reads its
text format. Nothing of it names a user, a room or an address, and each label has a handful of
values.

## Who may read them

By default nobody: the page and the API have no `/metrics`. There are two ways, and both may be
used at once.

**On an address of their own**, apart from the chat, for a Prometheus on the same machine:

```toml
metrics_listen = "127.0.0.1:9464"
```

There are `/metrics`, `/health` and `/ready`, and nothing else. Only names of this machine are
answered, so that no page of elsewhere can read them through a browser. An address that others
reach, such as one inside of a network of containers, wants a token as well; it speaks no TLS, so
keep it inside.

**Beside the chat**, through the same proxy and the same TLS, for who brings a token:

```sh
(umask 077; openssl rand -hex 16 > metrics.token)
```

```toml
metrics_token = "/etc/conclave/metrics.token"
```

The token is the first line of that file, 16 letters or more. It is good for nothing else, and a
[reload](operations.md#reloading) takes another one. Everybody without it gets 401.

```yaml
scrape_configs:
  - job_name: conclave
    scheme: https
    authorization: {credentials_file: /etc/prometheus/conclave.token}
    static_configs: [{targets: ["chat.example.org"]}]
```

In `deploy/prometheus/rules.yml` are alerts, each with [what to
do](operations.md#when-an-alert-fires), and in `deploy/grafana/conclave.json` is a dashboard.

## What they cost

A message adds to some plain numbers, and those who are told are counted once, together. A
reading looks at connections some hundreds at a time, so that no message waits for it.

Counters begin at 0 with each start. This page is written by `python scripts/metrics_page.py`.
"""


def page() -> str:
    sections = {
        "The chat": CHAT,
        "Attachments": ATTACHING,
        "Outgoing webhooks": WEBHOOKS,
        "Other nodes": NODES,
        "What carries it": MACHINE,
    }
    parts = [line for title, rows in sections.items() for line in (*section(title, rows), "")]
    return "\n".join([HEAD, *parts])


def section(title: str, metrics: tuple[Metric, ...]) -> list[str]:
    rows = [f"## {title}", "", "| metric | kind | label | what it says |", "|---|---|---|---|"]
    for one in metrics:
        label = f"`{one.label}`" if one.label else ""
        rows.append(f"| `{one.name}` | {one.kind} | {label} | {one.help} |")
    return rows


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
