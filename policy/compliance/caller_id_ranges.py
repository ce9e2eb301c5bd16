"""From which of the account's numbers a call may be dialed, where a place prescribes the range."""

from collections.abc import Iterable, Sequence

from policy.model.purposes import Sector
from policy.rules.model import CallerIdRule


def binds(rule: CallerIdRule, sector: Sector | None) -> bool:
    """Whether it is about such a business; one that has not said what it is might be any."""
    return not rule.sectors or sector is None or sector in rule.sectors


def in_range(rule: CallerIdRule, caller_id: str) -> bool:
    return caller_id.startswith(rule.prefixes)


def within(rules: Iterable[CallerIdRule], caller_ids: Iterable[str]) -> tuple[str, ...]:
    """The numbers that suit all of the rules."""
    held = tuple(rules)
    return tuple(one for one in caller_ids if all(in_range(rule, one) for rule in held))


def unmet(rules: Iterable[CallerIdRule], caller_ids: Sequence[str]) -> CallerIdRule | None:
    """The rule that leaves no number to dial from; None: one number suits all of them."""
    left = tuple(caller_ids)
    for rule in rules:
        left = within([rule], left)
        if not left:
            return rule
    return None
