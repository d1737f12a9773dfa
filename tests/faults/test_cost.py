"""
What a connection and a delivery cost, measured as `benchmarks/idle.py` and `fanout.py` do.

The bounds here are lenient, since other work shares the machine with tests: they catch what
doubles a cost. The promised figures, 14 KB and 1.25 times, are for a quiet machine and are
held by the slow runs.
"""

import os

import pytest
from benchmarks import fanout, idle

KIB = 1024


@pytest.fixture(autouse=True)
def one_core_is_the_servers():
    cores = os.sched_getaffinity(0)
    if len(cores) < 2:
        pytest.skip("needs two cores: one for the server, one for the load")
    os.sched_setaffinity(0, {1})
    yield
    os.sched_setaffinity(0, cores)


@pytest.mark.slow
def test_an_idle_connection_costs_little_memory(tmp_path):
    cost = idle.measure(tmp_path, 300)
    print(f"{cost / KIB:.1f} KiB each")
    assert 0 < cost < 24 * KIB


def test_telling_a_member_costs_little_more_than_a_bare_send(tmp_path):
    # As many members as the promise names: among few, the message's own part outweighs theirs.
    cost = fanout.measure(tmp_path, members=1_000, messages=20, rounds=3)
    print(cost)
    assert cost.ratio < 2.5


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_thousand_idle_connections_cost_14_kb_each(tmp_path):
    cost = sorted(idle.measure(tmp_path / str(run), 1_000) for run in range(3))[1]
    assert cost <= 14_000


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_message_to_a_thousand_costs_a_quarter_more_than_bare_sends(tmp_path):
    runs = [fanout.measure(tmp_path / str(run), members=1_000) for run in range(3)]
    print(*runs, sep="\n")
    assert sorted(run.ratio for run in runs)[1] <= 1.25
