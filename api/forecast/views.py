"""What a forecast looks like from outside."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field

from api.http.schema import JsonObject, View
from policy.forecast.figures import ForecastFigures, Spread
from policy.forecast.ticks import HOUR, SECOND, instant_of

_SPREAD: JsonObject = {"p10": 80, "p50": 84, "p90": 90}
EXAMPLE: JsonObject = {
    "begin": "2027-03-01T14:00:00Z",
    "seed": 1,
    "seeds": 10,
    "contacts": 480,
    "finish": {
        "p10": "2027-03-02T18:20:00Z",
        "p50": "2027-03-02T18:31:00Z",
        "p90": "2027-03-02T19:02:00Z",
    },
    "attempts": {"p10": 760, "p50": 781, "p90": 802},
    "answered": {"p10": 231, "p50": 240, "p90": 252},
    "talkSeconds": {"p10": 14100, "p50": 14480, "p90": 15020},
    "cost": {"p10": 9_240_000, "p50": 9_420_000, "p90": 9_710_000},
    "currency": "USD",
    "mostBusy": {"p10": 10, "p50": 10, "p90": 10},
    "slots": 10,
    "outcomes": {"completed": {"p10": 231, "p50": 240, "p90": 252}, "no_answer": _SPREAD},
    "refused": {"do_not_call": {"p10": 3, "p50": 3, "p90": 3}},
    "missed": {},
    "unfinished": {},
    "neverCalled": {"p10": 0, "p50": 0, "p90": 0},
    "stepMinutes": 15,
    "series": [
        {
            "at": "2027-03-01T14:00:00Z",
            "callsPerHour": {"p10": 400, "p50": 420, "p90": 444},
            "busySlots": {"p10": 9.1, "p50": 9.4, "p90": 9.6},
        }
    ],
    "blocked": [
        {
            "reason": "do_not_call",
            "detail": "The number is on the do-not-call list (api).",
            "contacts": 3,
            "timezones": ["America/New_York"],
        }
    ],
    "assumptions": {
        "answerRate": {"value": 0.31, "source": "learned"},
        "talkSeconds": {"value": 60, "source": "assumed"},
    },
    "learnedFrom": 1240,
    "byHourOfWeek": True,
    "others": [{"campaignId": None, "priority": 5, "calls": 12}],
    "notes": ["Machines are not told from people: a machine counts as an answer."],
}


class SpreadView(View):
    """What 10, 50 and 90 of a hundred runs had at most."""

    p10: float
    p50: float
    p90: float


class FinishView(View):
    """When the last call ends in 10, 50 and 90 of a hundred runs."""

    p10: datetime
    p50: datetime
    p90: datetime


class SeriesPointView(View):
    """From `at` for `stepMinutes`: dials, as if an hour were like this, and slots in use."""

    at: datetime
    calls_per_hour: SpreadView
    busy_slots: SpreadView


class BlockedView(View):
    """Contacts that are never called as things stand, and why."""

    reason: str
    detail: str
    contacts: int
    timezones: list[str]


class AssumptionView(View):
    value: float
    source: Literal["request", "learned", "assumed"]


class OtherCallsView(View):
    """Calls of the account that wait beside the campaign's; null: of no campaign."""

    campaign_id: str | None
    priority: int
    calls: int


class ForecastView(View):
    """What the campaign would come to, over several runs that differ by chance only."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    begin: datetime
    seed: int
    seeds: int = Field(description="How many runs were made.")
    contacts: int = Field(description="Staged ones, and calls that have not ended.")
    finish: FinishView | None = Field(description="null: in no run does anything end.")
    attempts: SpreadView
    answered: SpreadView = Field(description="Attempts that a person answered.")
    talk_seconds: SpreadView
    cost: SpreadView = Field(description="In millionths of `currency`.")
    currency: str
    most_busy: SpreadView = Field(description="The most slots in use at once.")
    slots: int | None = Field(description="The smallest cap on calls at once; null: none.")
    outcomes: dict[str, SpreadView] = Field(description="Of calls, however they end.")
    refused: dict[str, SpreadView] = Field(
        description="Contacts that become no call, by the reason."
    )
    missed: dict[str, SpreadView] = Field(
        description="Calls among the outcomes that ended for want of time or leave, by the reason."
    )
    unfinished: dict[str, SpreadView] = Field(
        description="What has not ended within 60 days, by what it waits for."
    )
    never_called: SpreadView = Field(
        description="People who never have to be called, as the goal is reached without them."
    )
    step_minutes: int
    series: list[SeriesPointView]
    blocked: list[BlockedView]
    assumptions: dict[str, AssumptionView]
    learned_from: int = Field(description="So many attempts of the last 90 days were looked at.")
    by_hour_of_week: bool = Field(description="Answer rates are by the recipient's hour.")
    others: list[OtherCallsView]
    notes: list[str]


def figures_as_views(found: ForecastFigures) -> JsonObject:
    """The fields of a `ForecastView` that are counted over the runs."""
    ends = found.ends_at
    return {
        "finish": None if ends is None else FinishView(**_instants(ends)),
        "attempts": _view(found.attempts),
        "answered": _view(found.answered),
        "talk_seconds": _view(found.talk_seconds),
        "cost": _view(found.cost),
        "most_busy": _view(found.most_busy),
        "outcomes": _views(found.outcomes),
        "refused": _views(found.refused),
        "missed": _views(found.missed),
        "unfinished": _views(found.unfinished),
        "never_called": _view(found.spared),
        "step_minutes": found.step // (60 * SECOND),
        "series": _series(found),
    }


def _instants(ends: Spread) -> dict[str, datetime]:
    return {
        name: instant_of(round(tick / SECOND) * SECOND)
        for name, tick in (("p10", ends.p10), ("p50", ends.p50), ("p90", ends.p90))
    }


def _view(found: Spread, times: float = 1) -> SpreadView:
    values = (round(one * times, 1) for one in (found.p10, found.p50, found.p90))
    return SpreadView(**dict(zip(("p10", "p50", "p90"), values, strict=True)))


def _views(found: Mapping[str, Spread]) -> dict[str, SpreadView]:
    return {name: _view(one) for name, one in found.items()}


def _series(found: ForecastFigures) -> Sequence[SeriesPointView]:
    return [
        SeriesPointView(
            at=instant_of(point.at),
            calls_per_hour=_view(point.dials, HOUR / found.step),
            busy_slots=_view(point.busy),
        )
        for point in found.series
    ]
