"""Contacts that are never called as things stand, and why, in the words of a decision."""

from collections import Counter
from datetime import datetime

from api.forecast.contacts_ahead import ContactsAhead
from api.forecast.views import BlockedView
from policy.calls.decide import decide
from policy.forecast.callee_groups import NOTHING_YET
from policy.forecast.ticks import tick_of
from policy.location.endpoints import zones_of
from policy.model.call import DecisionKind

#: The largest are shown.
_SHOWN = 100


def blocked_views(ahead: ContactsAhead, begin: datetime) -> list[BlockedView]:
    """Those that are refused, or held until somebody does something, at the beginning already."""
    counts: Counter[tuple[str, str, tuple[str, ...]]] = Counter()
    for (code, message), number in ahead.lacking.items():
        counts[code, message, ()] += number
    for group, number in ahead.staged.items():
        step = group.decide(NOTHING_YET, tick_of(begin))
        held = step.kind is DecisionKind.WAIT and step.at is None
        if held or step.kind is DecisionKind.END:
            decision = decide(group.facts, begin)
            counts[decision.reason, _sentence(decision.detail), zones_of(group.facts)] += number
    return [
        BlockedView(reason=reason, detail=detail, contacts=number, timezones=list(zones))
        for (reason, detail, zones), number in counts.most_common(_SHOWN)
    ]


def _sentence(detail: str) -> str:
    return detail if detail.endswith(".") else f"{detail}."
