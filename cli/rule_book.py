"""The calling rules of this installation, or one sentence on what is wrong with them."""

from cli.errors import Unusable
from policy.rules import BadRules, installed_book
from policy.rules.book import RuleBook
from settings import Settings


def rule_book(settings: Settings) -> RuleBook:
    """The rules of these settings; raises Unusable where they cannot be read."""
    try:
        return installed_book(settings.rules_dir)
    except BadRules as error:
        raise Unusable(f"The rules cannot be read: {error}.") from error
