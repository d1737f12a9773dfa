"""How backups in a directory are called, and which ones are too many."""

import pytest

from conclave.storage.series import next_in, prune


def test_names_are_times_and_sort_as_they_do(tmp_path):
    times = [0, 1, 59, 60, 86_399, 86_400, 1_764_000_000, 4_102_444_800]
    names = [next_in(tmp_path, float(time)).name for time in times]
    assert names[0] == "conclave-19700101T000000Z.db"
    assert names == sorted(names)
    assert len(set(names)) == len(times)


@pytest.mark.parametrize(("there", "keep", "left"), [(5, 3, 3), (3, 3, 3), (2, 3, 2), (0, 1, 0)])
def test_the_last_ones_stay(tmp_path, there, keep, left):
    made = [next_in(tmp_path, 1e9 + day * 86_400) for day in range(there)]
    for path in made:
        path.touch()
    assert prune(tmp_path, keep) == made[: there - left]
    assert sorted(tmp_path.iterdir()) == made[there - left :]


def test_what_was_called_by_a_person_stays(tmp_path):
    others = ["conclave-2026-11-25.db", "before-upgrade.db", "conclave-20261125T000000Z.db.gpg"]
    others += [".conclave-20261125T000000Z.db.1a2b.new", "xconclave-20261125T000000Z.db"]
    for name in others:
        (tmp_path / name).touch()
    for day in range(3):
        next_in(tmp_path, day * 86_400.0).touch()
    prune(tmp_path, 1)
    assert {path.name for path in tmp_path.iterdir()} == {*others, "conclave-19700103T000000Z.db"}
