"""docs/operations.md says of each line of an export what it has."""

import re
from pathlib import Path
from typing import get_args

import pytest

from conclave.storage.transfer_reading import AnyLine

PAGE = (Path(__file__).parents[2] / "docs/operations.md").read_text("utf-8")
ROWS = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGE, flags=re.MULTILINE))


@pytest.mark.parametrize("line", get_args(AnyLine), ids=lambda line: line.__struct_config__.tag)
def test_each_line_of_an_export_has_its_row_with_all_its_fields(line) -> None:
    row = ROWS[line.__struct_config__.tag]
    assert [name for name in line.__struct_fields__ if f"`{name}`" not in row] == []
