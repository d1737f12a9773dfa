"""For the tests of parts: a node that some of them run builds its routes where they are asked."""

from tests.support.late_site import sites_are_built_when_asked

__all__ = ["sites_are_built_when_asked"]
