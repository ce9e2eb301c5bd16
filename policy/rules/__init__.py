"""Calling rules by jurisdiction, as data: each dated, sourced and checked when it is loaded.

`manifest.json` names every pack and the version of the whole. A pack that is missing, or of which
one word cannot be read, stops the import: with half its rules this house must not dial at all. What
the rules make of a call is in `policy.compliance`.
"""

from importlib.resources import files
from pathlib import Path

from policy.rules.book import RuleBook
from policy.rules.loader import BadRules, load_overlays, load_packs
from policy.rules.model import ANYWHERE

#: The rules of this package.
STANDARD = RuleBook(*load_packs(files(__name__)))
RULES_VERSION = STANDARD.version

__all__ = ["ANYWHERE", "RULES_VERSION", "STANDARD", "BadRules", "installed_book"]


def installed_book(folder: str) -> RuleBook:
    """The rules of this package and an operator's own; an empty `folder`: there are none.

    Raises BadRules where they cannot be read.
    """
    return STANDARD.with_rules(load_overlays(Path(folder))) if folder else STANDARD
