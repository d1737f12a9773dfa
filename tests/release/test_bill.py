"""The bill of materials of a release names what the lock names, in CycloneDX."""

import json

import pytest
from packaging.utils import canonicalize_name
from tests.release.test_lock import locked

pytestmark = pytest.mark.slow


def test_it_has_each_package_of_the_lock_in_its_version_and_its_hashes(built) -> None:
    bill = json.loads((built / "sbom.cdx.json").read_text("utf-8"))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert bill["metadata"]["component"]["name"] == "conclave-chat"
    listed = {canonicalize_name(one["name"]): one for one in bill["components"]}
    assert {name: one["version"] for name, one in listed.items()} == locked()
    for name, one in listed.items():
        assert one["purl"].startswith(f"pkg:pypi/{name}@"), one["purl"]
        assert any(ref.get("hashes") for ref in one["externalReferences"]), name
