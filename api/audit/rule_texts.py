"""The words of the rules that a decision went by, as they were then, as far as they are known.

A decision keeps the ids of its rules and their version. An account's own rules are never changed,
so their words of then are on file. Those of the packs are known while they are of the same version.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from policy.rules.book import RuleBook, packs_of
from policy.rules.loader import OWN
from policy.rules.model import Rule, read_rule
from storage.tables import DecisionRow, Overlay

_RULES = "rules="


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule, if it is still known; `of`: the version in force now, if it is not the decision's."""

    rule: Rule | None
    of: str | None


@dataclass(frozen=True, slots=True)
class RuleTexts:
    """The rules in force now, and all that the account ever added itself."""

    book: RuleBook
    added: Sequence[Overlay]

    def of(self, rule_id: str, decision: DecisionRow) -> RuleText:
        """The words of one rule in a decision."""
        if rule_id.startswith(OWN):
            return self._of_own(rule_id, decision)
        then, now = rules_version(decision), self.book.version
        same = packs_of(then) == packs_of(now)
        return RuleText(self.book.rule(rule_id), None if same else packs_of(now))

    def _of_own(self, rule_id: str, decision: DecisionRow) -> RuleText:
        for row in self.added:
            if row.rule["id"] == rule_id and _was_in_force(row, decision):
                return RuleText(read_rule(row.rule), None)
        same = rules_version(decision) == self.book.version
        return RuleText(self.book.rule(rule_id), None if same else self.book.version)


def _was_in_force(row: Overlay, decision: DecisionRow) -> bool:
    begun = row.created_time <= decision.at
    return begun and (row.removed_time is None or decision.at <= row.removed_time)


def rules_version(decision: DecisionRow) -> str:
    """The version of the rules that a decision went by; "": it asked none."""
    found = (one for one in decision.versions if one.startswith(_RULES))
    return next(found, "").removeprefix(_RULES)
