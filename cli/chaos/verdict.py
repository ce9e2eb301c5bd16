"""Our ledger against the carrier's: what was promised, what was kept. Pure."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

JsonObject = Mapping[str, Any]
FINAL = frozenset({"Completed", "Failed", "Canceled"})


@dataclass(frozen=True)
class Verdict:
    """Counts of calls, legs and attempts; each list holds what broke a promise.

    `unknown_met`: attempts of which nobody knew for a while whether the carrier had made the leg;
    `unknown_found` of these were found, `unknown_parked` were given up and never dialed again.
    """

    accepted: int
    ended: int
    legs: int
    outcomes: dict[str, int]
    unknown_met: int
    unknown_found: int
    unknown_parked: int
    lost: list[str]
    dialed_twice: list[str]
    submitted_twice: list[str]
    unrecorded_legs: list[str]

    def broken(self) -> list[str]:
        """Every promise that was not kept, in a sentence each."""
        found = {
            "accepted calls were lost or never ended": self.lost,
            "calls were dialed more often than they have attempts, or after an unknown attempt": (
                self.dialed_twice
            ),
            "numbers have more calls than were asked for": self.submitted_twice,
            "legs at the carrier stand in no attempt": self.unrecorded_legs,
        }
        return [f"{len(ids)} {what}: {_some(ids)}" for what, ids in found.items() if ids]


def judge(
    accepted: Collection[str],
    endpoints: Collection[str],
    views: Sequence[JsonObject],
    legs: Sequence[JsonObject],
) -> Verdict:
    """`views`: each call with attempts and events; `legs`: all that the carrier ever made.

    `endpoints`: every number that was to be called, once each.
    """
    known = {view["callId"]: view for view in views}
    by_number: dict[str, list[JsonObject]] = {}
    for leg in legs:
        by_number.setdefault(leg["to"], []).append(leg)
    attempts = [one for view in views for one in view["attempts"]]
    calls_of = Counter(view["endpoint"] for view in views)
    met = sum(event["type"] == "call.unknown" for view in views for event in view.get("events", ()))
    parked = sum(one["result"] == "unknown" for one in attempts)
    return Verdict(
        accepted=len(endpoints),
        ended=sum(view["status"] in FINAL for view in views),
        legs=len(legs),
        outcomes=dict(Counter(str(view["outcome"]) for view in views).most_common()),
        unknown_met=max(met, parked),
        unknown_found=max(met, parked) - parked,
        unknown_parked=parked,
        lost=[one for one in accepted if one not in known]
        + [one for one, view in known.items() if view["status"] not in FINAL]
        + [
            f"a call to the number at place {n}"
            for n, one in enumerate(endpoints)
            if not calls_of[one]
        ],
        dialed_twice=[v["callId"] for v in views if _is_twice(v, by_number.get(v["endpoint"], []))],
        submitted_twice=[v["callId"] for v in views if calls_of[v["endpoint"]] > 1],
        unrecorded_legs=_unrecorded(views, legs),
    )


def _is_twice(view: JsonObject, legs: Sequence[JsonObject]) -> bool:
    """Two legs of one attempt, more legs than attempts, or an attempt after an unknown one."""
    tokens = Counter(str(leg["params"]["Url"]).rsplit("/", 1)[-1] for leg in legs)
    results = [one["result"] for one in view["attempts"]]
    after_unknown = "unknown" in results[:-1]
    return len(legs) > len(results) or max(tokens.values(), default=0) > 1 or after_unknown


def _unrecorded(views: Sequence[JsonObject], legs: Sequence[JsonObject]) -> list[str]:
    """Legs that no attempt names. Of a parked attempt nobody may know the leg: it is unknown."""
    named = {one["carrierSid"] for view in views for one in view["attempts"]}
    parked = {
        view["endpoint"]
        for view in views
        for one in view["attempts"]
        if one["result"] == "unknown" and not one["carrierSid"]
    }
    return [leg["sid"] for leg in legs if leg["sid"] not in named and leg["to"] not in parked]


def _some(ids: Sequence[str]) -> str:
    shown = ", ".join(ids[:5])
    return shown if len(ids) <= 5 else f"{shown} …"
