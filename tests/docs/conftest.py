"""For the pages that tests run: servers of this process begin sooner."""

from tests.support.late_site import sites_are_built_when_asked
from tests.support.made_tables import tables_are_made_once

__all__ = ["sites_are_built_when_asked", "tables_are_made_once"]
