"""What the API and the worker put together alike, from the settings."""

from pathlib import Path

from policy.rules import STANDARD
from policy.rules.loading import load_overlays
from settings import Settings
from storage.facts import Gatherer
from storage.privacy import Hasher


def gatherer_of(settings: Settings) -> Gatherer:
    """Where facts come from; raises BadRules for an operator's rules that cannot be read."""
    book = STANDARD
    if settings.rules_dir:
        book = book.with_rules(load_overlays(Path(settings.rules_dir)))
    return Gatherer(
        book=book,
        hasher=Hasher.of(settings.privacy_key.get_secret_value()),
        simulated=settings.phones_are_simulated,
    )
