"""For the tests of parts: a node that some of them run builds its routes where they are asked."""

from tests.support.late_site import sites_are_built_when_asked
from tests.support.made_tables import tables_are_made_once

__all__ = ["sites_are_built_when_asked", "tables_are_made_once"]
