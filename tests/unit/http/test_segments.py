"""A name with a slash is one segment of a path, and comes out as it went in."""

import pytest

from conclave.http.segments import kept_whole, name_of, segment_of

NAMES = ["den", "a/b", "a%2Fb", "%", "100% sure?", "été", "a/%2F%25/b", "👍", "#&=+"]


async def seen(raw: str) -> str:
    """Return the path that the router is given for *raw*."""
    found = []

    async def app(scope, _receive, _send):
        found.append(scope["path"])

    scope = {"type": "http", "path": "/api/v1/rooms/whatever", "raw_path": raw.encode()}
    await kept_whole(app)(scope, None, None)
    return found[0]


@pytest.mark.parametrize("name", NAMES)
async def test_a_name_comes_out_of_a_path_as_it_went_in(name):
    path = await seen(f"/api/v1/rooms/{segment_of(name)}/messages/{segment_of('👍')}?x=/")
    segments = path.split("/")
    assert len(segments) == 7
    assert (name_of(segments[4]), name_of(segments[6])) == (name, "👍")


async def test_other_paths_are_left_alone():
    found = []

    async def app(scope, _receive, _send):
        found.append(scope["path"])

    await kept_whole(app)({"type": "http", "path": "/a/b", "raw_path": b"/a%2Fb"}, None, None)
    assert found == ["/a/b"]
