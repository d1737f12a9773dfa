"""The API as a whole: no route is open by oversight, and refusals have their statuses."""

import pytest
from litestar import get

from conclave.http.api import api
from conclave.protocol.errors import Code
from conclave.protocol.problems import STATUSES


def test_a_route_that_does_not_say_what_it_needs_is_no_start():
    @get("/open", sync_to_thread=False)
    def open_() -> None: ...

    with pytest.raises(TypeError, match="say in opt"):
        api(None, [open_], "1.0")


def test_each_code_has_a_status_of_its_kind():
    for code in Code:
        kinds = (400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503, 507)
        assert STATUSES.get(code, 400) in kinds
    assert {code for code in Code if STATUSES.get(code, 400) in (429, 500, 503)} == {
        Code.RATE_LIMITED,
        Code.INTERNAL,
        Code.BUSY,
        Code.UNAVAILABLE,
    }
