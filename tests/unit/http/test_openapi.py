"""The description of the API is made of its routes, and making it changes nothing else."""

import logging
from unittest.mock import MagicMock

from litestar import get, post
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from conclave.http.chat import chat_routes
from conclave.http.openapi import document


class Wish(Struct):
    """What somebody wants."""

    what: str
    times: int = 1


@post("/wishes/{who:str}", opt={"act": None}, status_code=201, sync_to_thread=False)
def wish(who: FromPath[str], data: JSONBody[Wish]) -> Wish:
    return Wish(who, data.times)


@get("/weather", opt={"public": True}, sync_to_thread=False)
def weather() -> Wish:
    return Wish("sun")


def test_a_route_is_described_with_what_it_takes_and_how_it_refuses() -> None:
    told = document("/api/v1", [wish, weather], "1.2.3")
    assert (told["openapi"][:3], told["info"]["version"]) == ("3.1", "1.2.3")
    asked = told["paths"]["/api/v1/wishes/{who}"]["post"]
    assert asked["operationId"] == "postWishesWho"
    assert asked["security"] == [{"token": []}, {"session": [], "csrf": []}]
    refusals = {"400", "401", "403", "404", "409", "413", "415", "422", "429", "500", "503"}
    assert set(asked["responses"]) == {"201"} | refusals
    assert told["components"]["schemas"]["Wish"]["required"] == ["what"]
    assert told["paths"]["/api/v1/weather"]["get"]["security"] == []


def test_each_reference_leads_somewhere() -> None:
    told = document("/api/v1", chat_routes(MagicMock(), MagicMock()), "1")
    parts = told["components"]
    seen = 0

    def look(at: object) -> None:
        nonlocal seen
        if isinstance(at, dict):
            if isinstance(ref := at.get("$ref"), str):
                _, _, kind, name = ref.split("/")
                assert name in parts[kind], ref
                seen += 1
            for one in at.values():
                look(one)
        elif isinstance(at, list):
            for one in at:
                look(one)

    look(told)
    assert seen > 300


def test_no_number_in_a_path_or_a_query_is_below_zero() -> None:
    told = document("/api/v1", chat_routes(MagicMock(), MagicMock()), "1")
    numbers = [
        parameter["schema"]
        for path in told["paths"].values()
        for operation in path.values()
        for parameter in operation.get("parameters", ())
        if "integer" in parameter["schema"].get("type", ())
    ]
    assert numbers
    assert all("minimum" in one and "oneOf" not in one for one in numbers)


def test_to_describe_changes_no_logging() -> None:
    before = list(logging.getLogger().handlers)
    document("/api/v1", [weather], "1")
    assert logging.getLogger().handlers == before
