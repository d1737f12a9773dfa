"""A room in another page: who may frame it, and nothing else of the chat."""

import httpx

from conclave import testing
from conclave.http.headers import POLICY

SITE = "https://www.example.org"


async def test_without_a_named_origin_there_is_no_page_to_embed():
    async with testing.serve() as server, httpx.AsyncClient(timeout=30) as http:
        answer = await http.get(f"http://127.0.0.1:{server.port}/embed")
    assert answer.status_code == 404
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_only_the_named_origins_may_frame_the_room_and_nobody_the_rest():
    async with (
        testing.serve(embed_origins=(SITE, "http://LOCALHOST:8080/")) as server,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", timeout=30) as http,
    ):
        room, page = await http.get("/embed"), await http.get("/")
        worker = await http.get("/service-worker.js")
    framed = f"frame-ancestors http://localhost:8080 {SITE}"
    assert room.headers["content-security-policy"] == POLICY.replace(
        "frame-ancestors 'none'", framed
    )
    assert "x-frame-options" not in room.headers
    assert room.headers["x-content-type-options"] == "nosniff"
    assert f'data-origins="http://localhost:8080 {SITE}"' in room.text
    assert "set-cookie" not in room.headers
    assert page.headers["content-security-policy"] == POLICY
    assert page.headers["x-frame-options"] == "DENY"
    assert "embed/" not in worker.text, "what is of other pages is not kept for this one"
