"""How large a body may be: larger at one address, and nowhere else."""

import pytest

from conclave.http.attachments import UPLOADS
from conclave.server.handshake import examine, fields_of
from conclave.server.terms import Terms

LARGE = fields_of([(b"host", b"127.0.0.1"), (b"content-length", b"500000")])


@pytest.mark.parametrize(
    ("method", "target", "is_taken"),
    [
        (b"POST", b"/api/v1/rooms/hall/attachments?name=x", True),
        (b"POST", b"/api/v1/rooms/a%2Fb/attachments", True),
        (b"PUT", b"/api/v1/rooms/hall/attachments", False),
        (b"POST", b"/api/v1/rooms/hall/attachments/more", False),
        (b"POST", b"/api/v1/rooms/a/b/attachments", False),
        (b"POST", b"/api/v1/rooms//attachments", False),
        (b"POST", b"/x?/api/v1/rooms/hall/attachments", False),
        (b"POST", b"/api/v1/tokens", False),
    ],
)
def test_a_body_may_be_large_only_where_attachments_come_in(method, target, is_taken):
    terms = Terms(max_upload_bytes=500_000, uploads=UPLOADS)
    found = examine(method, target, "1.1", LARGE, terms)
    assert (found is None) == is_taken
    assert found is None or found.status == 413


def test_without_attachments_it_may_be_large_nowhere():
    for terms in (Terms(), Terms(max_upload_bytes=0, uploads=UPLOADS)):
        found = examine(b"POST", b"/api/v1/rooms/hall/attachments", "1.1", LARGE, terms)
        assert found is not None
        assert found.status == 413
