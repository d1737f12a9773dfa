"""Metrics, the dashboard and the alerts name the same things, and each has its words."""

import json
import re
from pathlib import Path

from scripts import metrics_page

from conclave.app.metrics import METRICS

ROOT = Path(__file__).parent.parent.parent
RULES = ROOT / "deploy/prometheus/rules.yml"
DASHBOARD = ROOT / "deploy/grafana/conclave.json"
KNOWN = {
    name
    for one in METRICS
    for name in (
        [one.name]
        if one.kind != "histogram"
        else [f"{one.name}_bucket", f"{one.name}_sum", f"{one.name}_count"]
    )
}


def named(text: str) -> set[str]:
    return set(re.findall(r"\b(?:conclave|process)_[a-z_]+", text))


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_page_of_metrics_is_what_the_code_says():
    assert page("docs/metrics.md") == metrics_page.page(), (
        "write it anew: .venv/bin/python scripts/metrics_page.py"
    )


def test_each_metric_has_one_name_and_a_sentence():
    assert len({one.name for one in METRICS}) == len(METRICS)
    for one in METRICS:
        assert one.help.endswith("."), one.name
        assert one.name.endswith("_total") == (one.kind == "counter"), one.name


def test_the_dashboard_asks_only_for_metrics_that_exist_and_for_all_that_tell_something():
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    asked = {
        name
        for panel in dashboard["panels"]
        for target in panel["targets"]
        for name in named(target["expr"])
    }
    assert asked - KNOWN == set()
    shown = {re.sub(r"_(bucket|sum|count)$", "", name) for name in asked}
    # What stands still is no graph.
    still = {"conclave_build_info", "process_max_fds", "process_start_time_seconds"}
    assert {one.name for one in METRICS} - shown == still


def test_the_panels_of_the_dashboard_stand_beside_each_other():
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    assert len({one["id"] for one in panels}) == len(panels)
    places = {(one["gridPos"]["x"], one["gridPos"]["y"]) for one in panels}
    assert len(places) == len(panels)


def test_the_alerts_ask_only_for_metrics_that_exist():
    expressions = re.findall(r"^ +expr: (.*)$", RULES.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(expressions) > 10
    assert named("\n".join(expressions)) - KNOWN == set()


def test_each_alert_says_where_its_runbook_is_and_it_is_there():
    text = RULES.read_text(encoding="utf-8")
    alerts = re.findall(r"alert: (\w+)", text)
    runbooks = re.findall(r"runbook: (\S+)", text)
    assert runbooks == [f"docs/operations.md#{name.lower()}" for name in alerts]
    headings = re.findall(r"^#### (\w+)$", page("docs/operations.md"), re.MULTILINE)
    assert headings == alerts
