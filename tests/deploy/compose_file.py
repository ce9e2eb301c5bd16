"""docker-compose.yml as Compose would read it, as far as it matters here."""

import re
from pathlib import PurePosixPath
from typing import Any

import yaml

from cli.dev_stack.processes import ROOT

TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
#: Those that run our image, and so a command of ours.
OURS = sorted(name for name, service in SERVICES.items() if service["image"] == "trunkline")
THEIRS = sorted(SERVICES.keys() - set(OURS))
#: Where Compose puts secrets.
SECRETS = PurePosixPath("/run/secrets")


def words(service: dict[str, Any]) -> list[str]:
    """What a service runs."""
    return [*service.get("entrypoint", []), *service.get("command", [])]


def settled(value: str) -> str:
    """A value with the defaults of its variables, as where nobody set one."""
    return re.sub(r"\$\{\w+(?::-([^}]*))?\}", lambda found: found[1] or "", value)


def environment(name: str) -> dict[str, str]:
    """What a service is told where nobody set a variable."""
    told = SERVICES[name].get("environment", {})
    return {key: settled(str(value)) for key, value in told.items()}


def mounts(name: str) -> dict[str, str]:
    """Files and folders of this repository by where the service finds them."""
    volumes = [one.split(":") for one in SERVICES[name].get("volumes", [])]
    return {inside: outside for outside, inside, *_ in volumes if outside.startswith(".")}
