"""What admins read names everything that the code has."""

from tests.docs.test_docs import page, places

from conclave.model import Action


def test_each_action_has_its_place_in_the_docs() -> None:
    assert set(map(str, Action)) - places(page("docs/administration.md")) == set()
