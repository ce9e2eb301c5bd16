"""Where the API is and with which key: what is kept in a person's own configuration."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cli.errors import Unusable

#: Read by the command line alone; a process of Trunkline has no use for them.
URL, KEY = "TRUNKLINE_URL", "TRUNKLINE_KEY"
DATA_DIR = ".trunkline"


@dataclass(frozen=True)
class Target:
    """An API and the key for it; `origin` says in words where they were found."""

    url: str
    key: str = field(repr=False)
    origin: str = ""


@dataclass
class Profiles:
    """The file `profiles.json`: profiles by name, and the one that is used when none is named."""

    path: Path
    chosen: str = ""
    targets: dict[str, Target] = field(default_factory=dict)

    @classmethod
    def load(cls) -> "Profiles":
        """Those of this person; raises Unusable where the file cannot be read."""
        path = _directory() / "profiles.json"
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
            targets = {
                name: Target(one["url"], one["key"], f"profile {name}")
                for name, one in said["profiles"].items()
            }
            return cls(path, said.get("chosen", ""), targets)
        except FileNotFoundError:
            return cls(path)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unusable(f"{path} does not hold profiles: remove or repair it.") from error

    def save(self) -> None:
        """Written at once, readable by its owner only: it holds keys."""
        said = {
            "chosen": self.chosen,
            "profiles": {
                name: {"url": one.url, "key": one.key} for name, one in self.targets.items()
            },
        }
        draft = self.path.with_name(f"{self.path.name}.new")
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft.unlink(missing_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with os.fdopen(os.open(draft, flags, 0o600), "w", encoding="utf-8") as file:
                json.dump(said, file, indent=2)
                file.write("\n")
            draft.replace(self.path)
        except OSError as error:
            reason = error.strerror or str(error)
            raise Unusable(f"{self.path} cannot be written: {reason}.") from error

    def named(self, name: str) -> Target:
        """Raises Unusable where there is none of this name."""
        if name not in self.targets:
            known = ", ".join(self.targets) or "none yet"
            raise Unusable(f"There is no profile {name}; there are: {known}.")
        return self.targets[name]


def target(
    *, url: str = "", key: str = "", profile: str = "", env: Mapping[str, str] = os.environ
) -> Target:
    """What the options say, else a profile, else the environment, else what runs here.

    A part that is missing of the first is taken from the next, but never a key for an address that
    it was not kept for. Raises Unusable where there is nothing.
    """
    for found in _candidates(url, key, profile, env):
        if found.url and found.key:
            return found
    if url:
        raise Unusable(f"Name an API key for {url}, with --key or {KEY}.")
    raise Unusable(
        "No Trunkline was found: run `trunkline dev` in this folder, or say where it is with "
        f"`trunkline profiles add`, or with {URL} and {KEY}."
    )


def _candidates(url: str, key: str, profile: str, env: Mapping[str, str]) -> Iterator[Target]:
    local = local_stack(Path.cwd())
    if url:
        mine = env.get(KEY, "") if env.get(URL, url) == url else ""
        yield Target(url, key or mine, "--url")
        # The stack that runs here, under another spelling of its address.
        yield Target(url, local.key if local and local.url == url else "", "--url")
        return
    if profile:
        kept = Profiles.load().named(profile)
        yield Target(kept.url, key or kept.key, kept.origin)
        return
    if env.get(URL):
        yield Target(env[URL], key or env.get(KEY, ""), URL)
        yield Target(env[URL], local.key if local and local.url == env[URL] else "", URL)
        return
    profiles = Profiles.load()
    if profiles.chosen:
        kept = profiles.named(profiles.chosen)
        yield Target(kept.url, key or kept.key, kept.origin)
    if local:
        yield Target(local.url, key or local.key, local.origin)


def local_stack(folder: Path) -> Target | None:
    """The stack of `trunkline dev` in this folder or one above it."""
    data = local_folder(folder)
    if data is None:
        return None
    port = _json(data / "ports.json").get("api", 8000)
    key = str(_json(data / "secrets.json")["api_key"])
    return Target(f"http://127.0.0.1:{port}", key, f"the stack of {data}")


def local_folder(folder: Path) -> Path | None:
    """Where the stack of this folder, or of one above it, keeps its data."""
    for place in (folder, *folder.parents):
        if "api_key" in _json(place / DATA_DIR / "secrets.json"):
            return place / DATA_DIR
    return None


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _directory() -> Path:
    home = os.environ.get("XDG_CONFIG_HOME")
    return (Path(home) if home else Path.home() / ".config") / "trunkline"
