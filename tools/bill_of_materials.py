"""What Trunkline is made of: a CycloneDX document and a list of licences, from the lock.

`python -m tools.bill_of_materials FOLDER` writes `sbom.cdx.json` and `licences.md` there. Which
packages, their versions and the hashes of their files are what requirements.lock says; licences
and homes are what the installed packages say of themselves.
"""

import json
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from release import version

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
UNKNOWN = "not stated"
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;]+)")
#: Longer ones are whole texts of licences, which say their names in a classifier as well.
_LONGEST_NAME = 60


@dataclass(frozen=True)
class Component:
    """A package of the lock. `hashes` are of all its files, for any platform, as SHA-256."""

    name: str
    version: str
    hashes: tuple[str, ...]
    licence: str
    home: str

    @property
    def purl(self) -> str:
        return f"pkg:pypi/{self.name}@{self.version}"

    def described(self) -> dict[str, Any]:
        """As CycloneDX has it."""
        said: dict[str, Any] = {
            "type": "library",
            "bom-ref": self.purl,
            "name": self.name,
            "version": self.version,
            "purl": self.purl,
            "licenses": [{"license": {"name": self.licence}}],
            "properties": [{"name": "trunkline:file:sha256", "value": one} for one in self.hashes],
        }
        if self.home:
            said["externalReferences"] = [{"type": "website", "url": self.home}]
        return said


def components(lock: str) -> list[Component]:
    """Of the text of a lock, by name."""
    found = []
    for block in re.split(r"\n(?=\S)", lock):
        pin = _PIN.match(block)
        if pin:
            told = _metadata(pin["name"])
            hashes = tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", block))
            licence, home = (licence_of(told), home_of(told)) if told else (UNKNOWN, "")
            found.append(Component(pin["name"], pin["version"], hashes, licence, home))
    return sorted(found, key=lambda one: one.name)


def _metadata(name: str) -> PackageMetadata | None:
    """None: it is not installed, as what another platform needs."""
    try:
        return metadata(name)
    except PackageNotFoundError:
        return None


def licence_of(told: PackageMetadata) -> str:
    """In its own words: the SPDX expression, else a short name, else its classifiers."""
    expression = _said(told, "License-Expression")
    if expression:
        return expression
    name = " ".join(_said(told, "License").split())
    if name and len(name) <= _LONGEST_NAME:
        return name
    classifiers = (one for one in told.get_all("Classifier") or [] if one.startswith("License ::"))
    return ", ".join(one.rpartition(" :: ")[2] for one in classifiers) or UNKNOWN


def home_of(told: PackageMetadata) -> str:
    links = dict(
        one.split(", ", 1) for one in told.get_all("Project-URL") or [] if ", " in str(one)
    )
    by_name = {name.lower(): url for name, url in links.items()}
    wanted = ("homepage", "repository", "source", "source code", "github")
    return _said(told, "Home-page") or next((by_name[n] for n in wanted if n in by_name), "")


def _said(told: PackageMetadata, name: str) -> str:
    return str(told[name]) if name in told else ""


def document(parts: Iterable[Component]) -> dict[str, Any]:
    """CycloneDX 1.6. The same parts give the same document: it bears no date."""
    described = [one.described() for one in parts]
    own = f"pkg:pypi/trunkline@{version()}"
    serial = uuid5(NAMESPACE_URL, own + json.dumps(described, sort_keys=True))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": "trunkline",
                "version": version(),
                "purl": own,
            }
        },
        "components": described,
        "dependencies": [{"ref": own, "dependsOn": [one["bom-ref"] for one in described]}],
    }


def page(parts: Iterable[Component]) -> str:
    """The licences as a table."""
    rows = "".join(f"| {one.name} | {one.version} | {one.licence} |\n" for one in parts)
    return f"# Licences\n\n| package | version | licence |\n|---|---|---|\n{rows}"


def write(folder: Path) -> list[Path]:
    """The two files, made."""
    parts = components(LOCK.read_text(encoding="utf-8"))
    folder.mkdir(parents=True, exist_ok=True)
    bill, licences = folder / "sbom.cdx.json", folder / "licences.md"
    bill.write_text(json.dumps(document(parts), indent=2) + "\n", encoding="utf-8")
    licences.write_text(page(parts), encoding="utf-8")
    return [bill, licences]


if __name__ == "__main__":
    for path in write(Path(sys.argv[1] if len(sys.argv) > 1 else "dist")):
        sys.stdout.write(f"{path}\n")
