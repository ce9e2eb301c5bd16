"""When a campaign has what it was made for, and whom it does not have to call any more.

A goal is a number of calls that ended well, such numbers for each segment of the list (quotas), an
amount to be spent, or a time. Whichever is met first ends it. Well ended is a call with one of the
outcomes that are named, or in which the callee was put through to one of the targets that are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from policy.model.call import Outcome

#: The segment of a count that is over the whole campaign.
WHOLE = ""
NO_SPEC: Mapping[str, Any] = {}
#: Among the targets that are named: whichever it is.
ANYBODY = "*"


class Met(StrEnum):
    """What of a goal was met: the target or all quotas, the amount, the time."""

    COUNT = "count"
    SPEND = "spend"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Goal:
    """What a campaign is to reach. Of `target`, `quotas`, `spend` and `until` at least one is said.

    `transferred_to`: names of transfer targets, or `ANYBODY`.
    `quotas`: how many by the value that a contact has under `variable`; nobody else is called.
    `spend` is in micro-units of the account's currency.
    """

    outcomes: frozenset[Outcome] = frozenset()
    target: int | None = None
    variable: str | None = None
    quotas: Mapping[str, int] = field(default_factory=dict)
    spend: int | None = None
    until: datetime | None = None
    transferred_to: frozenset[str] = frozenset()

    @property
    def targets(self) -> dict[str, int]:
        """Every number it asks for, by segment."""
        whole = {} if self.target is None else {WHOLE: self.target}
        return {**whole, **self.quotas}


@dataclass(frozen=True, slots=True)
class GoalVerdict:
    """`met`: the campaign calls nobody any more; `full`: nor anybody of these segments."""

    met: Met | None = None
    full: frozenset[str] = frozenset()


OPEN = GoalVerdict()


def goal_of(spec: Mapping[str, Any] | None) -> Goal | None:
    """The goal as it is kept with a campaign; None: it has none."""
    if not spec:
        return None
    until = spec.get("until")
    return Goal(
        outcomes=frozenset(Outcome(one) for one in spec.get("outcomes") or ()),
        transferred_to=frozenset(spec.get("transferredTo") or ()),
        target=spec.get("target"),
        variable=spec.get("variable"),
        quotas=dict(spec.get("quotas") or {}),
        spend=spec.get("spend"),
        until=None if until is None else datetime.fromisoformat(until),
    )


_THROUGH = "transferred:"


def words_of(outcomes: Iterable[Outcome], transferred_to: Iterable[str]) -> list[str]:
    """What counts, a word each: `confirmed`, `transferred:sales`, `transferred:*`."""
    through = (f"{_THROUGH}{one}" for one in sorted(transferred_to))
    return [*sorted(one.value for one in outcomes), *through]


def parted(words: Iterable[str]) -> tuple[list[str], list[str]]:
    """Outcomes and names of targets, from words as `words_of` gives them."""
    said = list(words)
    through = [one.removeprefix(_THROUGH) for one in said if one.startswith(_THROUGH)]
    return [one for one in said if not one.startswith(_THROUGH)], through


def spoken(outcomes: Iterable[str], transferred_to: Iterable[str]) -> str:
    """What counts, for people: `ended as confirmed or were put through to sales`."""
    ends, names = sorted(outcomes), sorted(transferred_to)
    ended = f"ended as {' or '.join(one.replace('_', ' ') for one in ends)}" if ends else ""
    to = "somebody" if ANYBODY in names else " or ".join(names)
    return " or ".join(filter(None, [ended, f"were put through to {to}" if names else ""]))


def verdict(
    goal: Goal, found: Mapping[str, int], now: datetime, dials_left: int | None = None
) -> GoalVerdict:
    """`found`: calls that ended well, by segment. `dials_left`: for how many more the amount lasts
    when nothing is in flight; None: no amount was said.
    """
    full = frozenset(
        segment for segment, target in goal.quotas.items() if found.get(segment, 0) >= target
    )
    return GoalVerdict(_met(goal, found, now, dials_left, full), full)


def _met(
    goal: Goal,
    found: Mapping[str, int],
    now: datetime,
    dials_left: int | None,
    full: frozenset[str],
) -> Met | None:
    if goal.target is not None and found.get(WHOLE, 0) >= goal.target:
        return Met.COUNT
    if goal.quotas and full >= goal.quotas.keys():
        return Met.COUNT
    if goal.spend is not None and dials_left == 0:
        return Met.SPEND
    if goal.until is not None and now >= goal.until:
        return Met.DATE
    return None


def segment_of(context: Mapping[str, Any], name: str | None) -> str | None:
    """The value of a contact's variable as a text, as the database compares it; None: no value."""
    value = None if name is None else context.get(name)
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def is_outside(goal: Goal, context: Mapping[str, Any]) -> bool:
    """Whether a contact belongs to no segment that has a quota."""
    return bool(goal.quotas) and segment_of(context, goal.variable) not in goal.quotas


def bars(verdict_: GoalVerdict, name: str | None, context: Mapping[str, Any]) -> bool:
    """Whether a call with this context is not needed any more; `name`: the goal's variable."""
    return verdict_.met is not None or segment_of(context, name) in verdict_.full


def closed_spec(goal: Goal, found: GoalVerdict, at: datetime) -> dict[str, Any]:
    """What is kept with a campaign once its goal, or a part of it, is reached."""
    met = None if found.met is None else found.met.value
    return {"at": at.isoformat(), "met": met, "variable": goal.variable, "full": sorted(found.full)}


def closed_of(spec: Mapping[str, Any] | None) -> GoalVerdict:
    """What was kept by `closed_spec`; nothing is closed of a campaign that keeps nothing."""
    if not spec:
        return OPEN
    met = spec.get("met")
    return GoalVerdict(None if met is None else Met(met), frozenset(spec.get("full") or ()))


def is_closed(spec: Mapping[str, Any] | None, context: Mapping[str, Any]) -> bool:
    """Whether a call is not needed any more, by what is kept with its campaign."""
    return spec is not None and bars(closed_of(spec), spec.get("variable"), context)
