"""What `/health` and `/ready` answer, and when."""

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from conclave.http.health import health_routes


class Node:
    def __init__(self, *obstacles: str) -> None:
        self._obstacles = obstacles
        self.amiss: tuple[str, ...] = ()

    def troubles(self) -> tuple[str, ...]:
        return self.amiss

    def problems(self) -> tuple[str, ...]:
        return self._obstacles


def app(*obstacles: str) -> Litestar:
    return Litestar(health_routes(Node(*obstacles)), openapi_config=None)


def test_a_node_that_takes_people_is_ready():
    with TestClient(app()) as client:
        answer = client.get("/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


def test_a_node_that_takes_people_says_what_is_amiss_all_the_same():
    node = Node()
    node.amiss = ("other nodes are not heard",)
    with TestClient(Litestar(health_routes(node), openapi_config=None)) as client:
        answer = client.get("/ready")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "degraded": ["other nodes are not heard"]}


def test_a_node_with_problems_names_them_and_answers_503():
    with TestClient(app("the store is down", "draining")) as client:
        answer = client.get("/ready")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "not ready",
        "because": ["the store is down", "draining"],
    }


def test_a_node_with_problems_is_still_healthy():
    with TestClient(app("the store is down")) as client:
        answer = client.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_no_cache_keeps_the_answer(path):
    with TestClient(app()) as client:
        assert client.get(path).headers["cache-control"] == "no-store"
