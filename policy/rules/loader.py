"""Reads rule packs from a folder, and refuses a folder of which one word cannot be read.

With half its rules this house must not dial at all.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from policy.rules.model import ANYWHERE, HoursRule, Rule, read_rule

MANIFEST = "manifest.json"
#: Ids of rules that come on top begin so: none is ever taken for a pack's, now or later.
OWN = "own."


class BadRules(ValueError):
    """Rules that cannot be read or do not fit together; says which file and what is wrong."""


def load_packs(folder: Traversable) -> tuple[str, tuple[Rule, ...]]:
    """(version, rules) of the packs that a folder's manifest names, in its order."""
    manifest = _object(_json(folder, MANIFEST), MANIFEST, {"version", "packs"})
    names = [_text(name, f"{MANIFEST}: packs") for name in _list(manifest["packs"], MANIFEST)]
    rules = distinct(rule for name in names for rule in _pack(folder, name))
    if not any(_holds_anywhere(rule) for rule in rules):
        raise BadRules(f"no fallback says the hours anywhere ({ANYWHERE})")
    return _text(manifest["version"], f"{MANIFEST}: version"), rules


def load_overlays(folder: Path) -> tuple[Rule, ...]:
    """The rules of an operator's own folder: each *.json in it is a pack, and each id its own."""
    try:
        names = sorted(path.name for path in folder.iterdir() if path.suffix == ".json")
    except OSError as error:
        raise BadRules(f"{folder}: cannot be read") from error
    return distinct(_own(rule, name) for name in names for rule in _pack(folder, name))


def _own(rule: Rule, name: str) -> Rule:
    if not rule.id.startswith(OWN):
        raise BadRules(f"{name}: rule {rule.id}: an id of your own begins with {OWN}")
    return rule


def distinct(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules, of which no two may have the same id."""
    found = tuple(rules)
    twice = [id_ for id_, times in Counter(rule.id for rule in found).items() if times > 1]
    if twice:
        raise BadRules(f"two rules have the same id: {', '.join(twice)}")
    return found


def _holds_anywhere(rule: Rule) -> bool:
    return isinstance(rule, HoursRule) and rule.fallback and rule.jurisdiction == ANYWHERE


def _pack(folder: Traversable, name: str) -> Iterator[Rule]:
    pack = _json(folder, name)
    if isinstance(pack, dict) and "jurisdictions" in pack:
        _object(pack, name, {"jurisdictions"})
        for group in _filled(pack["jurisdictions"], f"{name}: jurisdictions"):
            yield from _group(group, name)
    else:
        yield from _group(pack, name)


def _group(given: object, name: str) -> Iterator[Rule]:
    group = _object(given, name, {"jurisdiction", "rules"})
    for rule in _filled(group["rules"], f"{name}: rules"):
        yield _rule(rule, group["jurisdiction"], name)


def _rule(given: object, jurisdiction: object, name: str) -> Rule:
    if not isinstance(given, dict) or "jurisdiction" in given:
        raise BadRules(f"{name}: a rule is an object, and the pack says where it holds")
    try:
        return read_rule({**given, "jurisdiction": jurisdiction})
    except ValidationError as error:
        raise BadRules(f"{name}: rule {given.get('id')}: {_first(error)}") from None


def _first(error: ValidationError) -> str:
    """What is wrong first, and where."""
    wrong = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in wrong["loc"])
    return f"{where}: {wrong['msg']}" if where else wrong["msg"]


def _json(folder: Traversable, name: str) -> Any:
    try:
        return json.loads(folder.joinpath(name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadRules(f"{name}: cannot be read") from error


def _object(given: object, where: str, keys: set[str]) -> Mapping[str, Any]:
    if not isinstance(given, dict) or set(given) != keys:
        raise BadRules(f"{where}: is not an object of {', '.join(sorted(keys))}")
    return given


def _list(given: object, where: str) -> list[Any]:
    if not isinstance(given, list):
        raise BadRules(f"{where}: is not a list")
    return given


def _filled(given: object, where: str) -> list[Any]:
    found = _list(given, where)
    if not found:
        raise BadRules(f"{where}: is empty")
    return found


def _text(given: object, where: str) -> str:
    if not isinstance(given, str) or not given.strip():
        raise BadRules(f"{where}: is not a text")
    return given
