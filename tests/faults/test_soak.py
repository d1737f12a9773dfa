"""People come and go for hours (J5): what the server keeps does not grow."""

import pytest
from benchmarks import soak

pytestmark = pytest.mark.slow


@pytest.mark.timeout(400)
async def test_what_comes_and_goes_leaves_nothing_behind(tmp_path):
    seen = await soak.soak(tmp_path, minutes=4, clients=500, seed=5)
    print(seen)
    assert seen.wrong == []
    assert seen.server_log == []
    assert seen.said > 500
    # Of four minutes it can be said that nothing is kept of each visit; of memory it takes hours.
    settled = seen.after(2)
    first, last = settled[0], settled[-1]
    assert last.tasks <= first.tasks + 5
    assert last.timers <= first.timers + 20
    assert last.descriptors <= first.descriptors + 60
