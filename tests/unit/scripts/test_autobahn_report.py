"""A report of the Autobahn TestSuite passes only if it is as good as promised."""

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "scripts" / "autobahn_report.py"


@pytest.fixture(scope="module")
def judge():
    spec = importlib.util.spec_from_file_location("autobahn_report", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.judge


def result(behaviour: str = "OK", close: str = "OK") -> dict[str, str]:
    return {"behavior": behaviour, "behaviorClose": close}


def test_all_good_is_nothing_wrong(judge) -> None:
    assert (
        judge({"1": result(), "2": result("NON-STRICT"), "3": result("INFORMATIONAL")}, 3, 1) == []
    )


@pytest.mark.parametrize(
    "bad", [result("FAILED"), result("OK", "WRONG CODE"), result("OK", "FAILED"), result("UNCLEAN")]
)
def test_one_that_failed_is_named(judge, bad: dict[str, str]) -> None:
    (line,) = judge({"1": result(), "7.1.2": bad}, 2, 1)
    assert "7.1.2" in line


def test_too_few_cases_are_wrong(judge) -> None:
    assert judge({"1": result()}, 2, 0) == ["1 cases ran instead of 2"]


def test_too_many_non_strict_are_wrong(judge) -> None:
    assert judge({"1": result("NON-STRICT"), "2": result("NON-STRICT")}, 2, 1) != []
