"""A campaign's goal as fields of its form, and the request that they mean."""

from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from api.http.problems import invalid
from api.http.schema import JsonObject
from dashboard.forms.form_values import count
from dashboard.words import money
from policy.accounts.pricing import MICRO
from policy.campaigns.goals import goal_of, parted, spoken, words_of

FIELDS = (
    "goal_outcomes",
    "goal_target",
    "goal_variable",
    "goal_quotas",
    "goal_spend",
    "goal_until",
)
#: What may count towards a goal, as it is offered.
COUNTED = (
    ("", "nothing is counted"),
    ("confirmed", "calls that were confirmed"),
    ("completed,confirmed", "calls that were completed or confirmed"),
    ("completed", "calls that were completed"),
    ("transferred:*", "people who were put through to somebody"),
)


def counted(targets: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """`COUNTED`, and each of the account's transfer targets, by its name."""
    return (*COUNTED, *((f"transferred:{one}", f"people put through to {one}") for one in targets))


def goal_texts(spec: JsonObject | None, zone: str) -> dict[str, str]:
    """The fields as the goal is."""
    goal = goal_of(spec)
    if goal is None:
        return {}
    until = goal.until and goal.until.astimezone(ZoneInfo(zone))
    return {
        "goal_outcomes": ",".join(words_of(goal.outcomes, goal.transferred_to)),
        "goal_target": "" if goal.target is None else str(goal.target),
        "goal_variable": goal.variable or "",
        "goal_quotas": "\n".join(f"{name} = {number}" for name, number in goal.quotas.items()),
        "goal_spend": "" if goal.spend is None else f"{goal.spend / MICRO:.2f}",
        "goal_until": f"{until:%Y-%m-%dT%H:%M}" if until else "",
    }


def goal_said(typed: Mapping[str, str]) -> JsonObject | None:
    """The goal of the request; None: nothing was typed. Raises a Problem that names the field."""
    said: dict[str, Any] = {
        "target": count(typed["goal_target"], "goal.target"),
        "quotas": _quotas(typed["goal_variable"], typed["goal_quotas"]),
        "spend": _micro(typed["goal_spend"]),
        "until": typed["goal_until"] and f"{typed['goal_until'][:16]}:00",
    }
    said = {name: value for name, value in said.items() if value}
    outcomes, targets = parted(one for one in typed["goal_outcomes"].split(",") if one)
    if targets:
        said["transferredTo"] = targets
    return {"outcomes": outcomes, **said} if said or outcomes else None


def _quotas(variable: str, text: str) -> JsonObject | None:
    """A line each: `north = 100`."""
    targets: dict[str, int | None] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        segment, divided, number = line.rpartition("=")
        if not divided:
            message = "Write a line for each segment, such as: north = 100."
            raise invalid("malformed", "goal.quotas", message)
        targets[segment.strip()] = count(number.strip(), "goal.quotas.targets")
    return {"variable": variable, "targets": targets} if targets or variable else None


def _micro(text: str) -> int | None:
    try:
        return round(float(text.replace(",", ".")) * MICRO) if text else None
    except (ValueError, OverflowError):
        raise invalid("wrong_type", "goal.spend", "Must be an amount such as 25.00.") from None


def goal(said: Mapping[str, Any], currency: str) -> str:
    """The goal as the API shows it, in words: `200 calls that ended as confirmed`."""
    parts = []
    counts = spoken(said.get("outcomes") or (), said.get("transferredTo") or ())
    if said.get("target"):
        parts.append(f"{said['target']:,} calls that {counts}")
    if said.get("quotas"):
        targets = said["quotas"]["targets"]
        numbers = ", ".join(f"{number:,} for {name}" for name, number in targets.items())
        parts.append(f"of calls that {counts}: {numbers}")
    if said.get("spend"):
        parts.append(f"{money(said['spend'], currency)} spent")
    if said.get("until"):
        parts.append("its time is over")
    return "; or ".join(parts)
