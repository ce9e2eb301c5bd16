"""Numbers about calls: rates, averages and costs, and what they are of. docs/analytics.md."""

from datetime import datetime

from pydantic import ConfigDict, Field

from api.http.schema import JsonObject, View
from policy.analytics.caller_id_health import HealthVerdict
from policy.analytics.rates import CallRates
from policy.statistics import Sample, wilson
from policy.time.best_times import BestTimePreset
from storage.analytics.analytics import GroupBy

_RATE_DIGITS, _SECOND_DIGITS = 4, 1


class EndedView(View):
    """Calls that ended with one outcome."""

    calls: int
    share: float | None
    total_cost_per_call: int | None = Field(
        description="What all calls of the period have cost, for each that ended so."
    )
    cost_each: int | None = Field(
        description="The same under its old name, which says too much: a call of this outcome did"
        " not cost it.",
        deprecated=True,
    )


class WaitView(View):
    """Seconds from acceptance to the first dial."""

    average: float | None
    median: float | None
    p90: float | None


class NumbersView(View):
    """Of calls by when they were accepted, of attempts by when they were dialed.

    A rate or an average of nothing is null. Costs in micro-units, times in seconds.
    """

    scheduled: int
    attempted: int
    connected: int = Field(description="A person or a machine picked up.")
    answered: int = Field(description="A person picked up.")
    completed: int = Field(description="Connected, and ended with a conversation's outcome.")
    messages_left: int = Field(
        description="Ended as `voicemail`, and the machine was told something."
    )
    transferred: int = Field(description="The callee was put through to a transfer target.")
    ended: int
    attempt_rate: float | None = Field(description="attempted / scheduled")
    connect_rate: float | None = Field(description="connected / attempted")
    completion_rate: float | None = Field(description="completed / connected")
    voicemail_share: float | None = Field(description="(connected - answered) / connected")
    opt_out_rate: float | None = Field(description="opted out / completed")
    outcomes: dict[str, EndedView]
    average_duration: float | None
    time_to_first_dial: WaitView
    attempts_per_answered_call: float | None
    cost: int = Field(description="Of these calls, whenever they were dialed.")
    attempts: int
    attempts_answered: int
    attempts_voicemail: int
    answer_rate: float | None = Field(description="attemptsAnswered / attempts")
    spent: int = Field(description="On these attempts, whenever their calls were accepted.")


class GroupView(NumbersView):
    """`key` null: none, or not known. `name`: of an agent, a campaign or a pathway."""

    key: str | None
    name: str | None


_NUMBERS: JsonObject = {
    "scheduled": 1200,
    "attempted": 1100,
    "connected": 880,
    "answered": 600,
    "completed": 590,
    "messagesLeft": 260,
    "transferred": 90,
    "ended": 1150,
    "attemptRate": 0.9167,
    "connectRate": 0.8,
    "completionRate": 0.6705,
    "voicemailShare": 0.3182,
    "optOutRate": 0.0102,
    "outcomes": {"confirmed": {"calls": 400, "share": 0.3478, "totalCostPerCall": 61600}},
    "averageDuration": 48.2,
    "timeToFirstDial": {"average": 71.3, "median": 4.2, "p90": 240.0},
    "attemptsPerAnsweredCall": 2.75,
    "cost": 24_640_000,
    "attempts": 1650,
    "attemptsAnswered": 600,
    "attemptsVoicemail": 310,
    "answerRate": 0.3636,
    "spent": 24_640_000,
}
_ANSWER: JsonObject = {
    "from": "2027-03-01T05:00:00Z",
    "to": "2027-04-01T04:00:00Z",
    "timezone": "America/New_York",
    "groupBy": "campaign",
    "agentId": None,
    "campaignId": None,
    "currency": "USD",
    "isComplete": True,
    "totals": _NUMBERS,
    "groups": [
        {"key": "3f8c2d14-53c4-4a0f-b1b5-8f6f2f0b7a10", "name": "Spring check-ups", **_NUMBERS}
    ],
    "groupCount": 1,
}


class Analytics(View):
    """The period as it was counted: whole quarters of an hour. `isComplete` false: numbers are
    missing, because earlier calls are being counted, or the counter is more than a minute behind.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_ANSWER]})

    begin: datetime = Field(alias="from")
    end: datetime = Field(alias="to")
    timezone: str
    group_by: GroupBy | None
    agent_id: str | None
    campaign_id: str | None
    currency: str
    is_complete: bool
    totals: NumbersView
    groups: list[GroupView] | None
    group_count: int | None = Field(description="Of all groups; `take` may leave some out.")


def numbers_of(figures: CallRates) -> JsonObject:
    """The fields of a `NumbersView`, rounded as they are shown."""
    wait = figures.time_to_first_dial
    shared = {
        name: _rounded(getattr(figures, name))
        for name in NumbersView.model_fields
        if name not in ("outcomes", "time_to_first_dial", "average_duration")
    }
    outcomes = {
        str(outcome): EndedView(
            calls=one.calls,
            share=_rounded(one.share),
            total_cost_per_call=one.cost_each,
            cost_each=one.cost_each,
        )
        for outcome, one in figures.outcomes.items()
    }
    return {
        **shared,
        "outcomes": outcomes,
        "average_duration": _seconds(figures.average_duration),
        "time_to_first_dial": WaitView(
            average=_seconds(wait.average), median=_seconds(wait.median), p90=_seconds(wait.p90)
        ),
    }


def _rounded(value: float | None) -> float | None:
    return round(value, _RATE_DIGITS) if isinstance(value, float) else value


def _seconds(value: float | None) -> float | None:
    return None if value is None else round(value, _SECOND_DIGITS)


class SampleView(View):
    """Attempts and how many of them a person answered, with Wilson's 95 % interval."""

    attempts: int
    answered: int
    answer_rate: float | None
    low: float
    high: float


def sample_fields(sample: Sample) -> JsonObject:
    """The fields of a `SampleView`."""
    interval = wilson(sample)
    return {
        "attempts": sample.trials,
        "answered": sample.hits,
        "answer_rate": _rounded(sample.share),
        "low": round(interval.low, _RATE_DIGITS),
        "high": round(interval.high, _RATE_DIGITS),
    }


def sample_view(sample: Sample) -> SampleView:
    return SampleView(**sample_fields(sample))


class HourView(SampleView):
    """An hour of the week by the recipients' clocks. `rank` null: too few attempts."""

    hour_of_week: str
    rank: int | None


class DaypartView(SampleView):
    """A part of the day by the recipients' clocks; see `differentTimeOfDay` of `retry`."""

    daypart: str
    rank: int | None


_SAMPLE: JsonObject = {
    "attempts": 240,
    "answered": 96,
    "answerRate": 0.4,
    "low": 0.3401,
    "high": 0.4631,
}


class BestTimesView(View):
    """The times at which an agent's calls are tried first.

    `learned`: parts of the day; none: the preset holds, until `leastAnswers` of its calls were
    answered and one part of the day has attempts enough.
    """

    preset: BestTimePreset
    answers: int
    least_answers: int
    learned: list[str]
    told: str


class BestHours(View):
    """Hours with attempts, best first; those with fewer than `leastAttempts` last."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "agentId": None,
                    "jurisdiction": "US",
                    "sinceMonth": "2027-01",
                    "leastAttempts": 30,
                    "hours": [{"hourOfWeek": "tue 18:00", "rank": 1, **_SAMPLE}],
                    "dayparts": [{"daypart": "evening", "rank": 1, **_SAMPLE}],
                    "bestTimes": None,
                }
            ]
        }
    )

    agent_id: str | None
    jurisdiction: str | None
    since_month: str
    least_attempts: int
    hours: list[HourView]
    dayparts: list[DaypartView]
    best_times: BestTimesView | None = Field(
        description="Of an agent that has any; null without one."
    )


class CallerIdView(View):
    """`isFlagged`: its answer rate has fallen further than chance would have it fall."""

    caller_id: str
    is_flagged: bool
    verdict: HealthVerdict
    recent: SampleView
    before: SampleView
    z: float | None = Field(description="Of the fall; positive where the rate fell.")
    chance: float | None = Field(description="Of such a fall without a cause.")


_CALLER: JsonObject = {
    "callerId": "+12125550123",
    "isFlagged": True,
    "verdict": "dropped",
    "recent": {
        "attempts": 400,
        "answered": 60,
        "answerRate": 0.15,
        "low": 0.1183,
        "high": 0.1883,
    },
    "before": {
        "attempts": 5200,
        "answered": 1560,
        "answerRate": 0.3,
        "low": 0.2877,
        "high": 0.3126,
    },
    "z": 6.38,
    "chance": 0.0,
}


class CallerIds(View):
    """Flagged ones first. The past ends where `recent` begins."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "recentFrom": "2027-03-08T12:00:00Z",
                    "beforeFrom": "2026-12-08T12:00:00Z",
                    "to": "2027-03-15T12:00:00Z",
                    "leastAttempts": 50,
                    "mostChance": 0.001,
                    "isComplete": True,
                    "callerIds": [_CALLER],
                }
            ]
        }
    )

    recent_from: datetime
    before_from: datetime
    to: datetime
    least_attempts: int
    most_chance: float
    is_complete: bool
    caller_ids: list[CallerIdView]
