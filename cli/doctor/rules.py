"""Whether somebody has looked at the sources of the rules lately."""

from datetime import UTC, datetime

from cli.doctor.diagnosis import Finding, bad, warn, well
from cli.errors import Unusable
from cli.rule_book import rule_book
from policy.rules.review import REVIEW_AFTER, unreviewed
from settings import Settings

_NAME = "rules"


def examine(settings: Settings) -> Finding:
    """Of the packs and the operator's own; those of accounts are in the database."""
    try:
        book = rule_book(settings)
    except Unusable as error:
        return bad(_NAME, str(error), "Mend the file, or leave TRUNKLINE_RULES_DIR empty.")
    old = unreviewed(book.rules, datetime.now(UTC).date())
    if old:
        detail = f"{len(old)} of {len(book.rules)} were not looked at for {REVIEW_AFTER.days} days"
        remedy = "Install a newer version, or look at their sources: `trunkline rules check`."
        return warn(_NAME, f"{detail}, the oldest since {old[0].verified_on}.", remedy)
    return well(_NAME, f"{len(book.rules)}, version {book.version}; all looked at lately.")
