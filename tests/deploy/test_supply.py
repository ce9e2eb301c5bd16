"""What a release says of what it is made of, and that it is what it says."""

import hashlib
import json
import re
import subprocess
from pathlib import Path

import pytest

from tools import bill_of_materials, distribution
from tools.bill_of_materials import LOCK, UNKNOWN, components, document, page
from tools.distribution import NotReleasable

PARTS = components(LOCK.read_text())
#: What makes the whole program fall under a licence that we did not choose.
NOT_TAKEN = re.compile(r"(?<!L)\bGPL|AGPL|General Public|SSPL|BUSL|Commons Clause", re.IGNORECASE)
LESSER = re.compile(r"LGPL|Lesser", re.IGNORECASE)


def test_every_package_of_the_lock_is_named_with_version_and_hashes():
    pinned = set(re.findall(r"^([\w.-]+)(?:\[[^\]]*\])?==([^\s;]+)", LOCK.read_text(), re.M))

    assert {(one.name, one.version) for one in PARTS} == pinned
    assert all(one.hashes for one in PARTS)


def test_whatever_is_installed_here_states_a_licence_that_can_be_taken():
    here = [one for one in PARTS if bill_of_materials._metadata(one.name)]

    assert [one.name for one in here if one.licence == UNKNOWN] == []
    strange = {
        one.name: one.licence
        for one in here
        if NOT_TAKEN.search(one.licence) and not LESSER.search(one.licence)
    }
    assert strange == {}


def test_the_document_is_what_cyclonedx_asks_for():
    made = document(PARTS)

    assert (made["bomFormat"], made["specVersion"], made["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", made["serialNumber"])
    references = [one["bom-ref"] for one in made["components"]]
    assert len(set(references)) == len(references)
    assert made["dependencies"] == [
        {"ref": made["metadata"]["component"]["bom-ref"], "dependsOn": references}
    ]
    assert {one["type"] for one in made["components"]} == {"library"}
    assert document(PARTS) == made


def test_the_licences_are_a_row_a_package():
    assert page(PARTS).count("\n| ") == len(PARTS) + 1


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A commit of a package that hatchling can build."""
    (tmp_path / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[project]\nname = "thing"\nversion = "1.0"\n'
        '[tool.hatch.build.targets.wheel]\nonly-include = ["thing.py"]\n'
    )
    (tmp_path / "thing.py").write_text("VALUE = 1\n")
    (tmp_path / ".gitignore").write_text("dist/\n")
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "thing"]):
        who = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
        subprocess.run(["git", *who, *words], cwd=tmp_path, check=True)
    return tmp_path


def test_a_release_is_a_wheel_the_source_and_papers_each_with_its_checksum(checkout: Path):
    built = distribution.build(checkout / "dist", checkout)

    names = {path.name for path in built}
    assert {"thing-1.0.tar.gz", "sbom.cdx.json", "licences.md", "SHA256SUMS"} <= names
    assert any(name.endswith(".whl") for name in names)
    lines = (checkout / "dist/SHA256SUMS").read_text().splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert sums.keys() == names - {"SHA256SUMS"}
    for path in built[:-1]:
        assert sums[path.name] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert json.loads((checkout / "dist/sbom.cdx.json").read_text())["components"]

    before = (checkout / "dist/SHA256SUMS").read_text()
    distribution.build(checkout / "dist", checkout)
    assert (checkout / "dist/SHA256SUMS").read_text() == before


def test_what_is_not_committed_is_not_released(checkout: Path):
    (checkout / "thing.py").write_text("VALUE = 2\n")

    with pytest.raises(NotReleasable, match=r"thing\.py"):
        distribution.build(checkout / "dist", checkout)
