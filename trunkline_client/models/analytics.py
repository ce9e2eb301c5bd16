"""What is said and answered of `analytics`.

Written by tools/client from the OpenAPI document.
"""

from datetime import datetime
from typing import Literal

from pydantic import Field

from trunkline_client.models.base import Answer, Said
from trunkline_client.models.shared import BestTimePreset, Verdict

CallerIdCheck = Literal["off", "imported", "required"]

CallerIdStanding = Literal[
    "owned", "verified", "lost", "unlisted", "no_voice", "not_imported", "not_a_number", "disabled"
]

GroupBy = Literal["agent", "campaign", "pathway", "callerId", "jurisdiction", "hourOfWeek", "day"]

Mark = Literal["barred", "rested", "probation"]

RestState = Literal["watched", "rested", "probation"]


class EndedView(Answer):
    """Calls that ended with one outcome."""

    calls: int
    share: float | None
    total_cost_per_call: int | None
    cost_each: int | None


class WaitView(Answer):
    """Seconds from acceptance to the first dial."""

    average: float | None
    median: float | None
    p90: float | None


class GroupView(Answer):
    """`key` null: none, or not known. `name`: of an agent, a campaign or a pathway."""

    scheduled: int
    attempted: int
    connected: int
    answered: int
    completed: int
    messages_left: int
    transferred: int
    ended: int
    attempt_rate: float | None
    connect_rate: float | None
    completion_rate: float | None
    voicemail_share: float | None
    opt_out_rate: float | None
    outcomes: dict[str, EndedView]
    average_duration: float | None
    time_to_first_dial: WaitView
    attempts_per_answered_call: float | None
    cost: int
    attempts: int
    attempts_answered: int
    attempts_voicemail: int
    answer_rate: float | None
    spent: int
    key: str | None
    name: str | None


class NumbersView(Answer):
    """Of calls by when they were accepted, of attempts by when they were dialed."""

    scheduled: int
    attempted: int
    connected: int
    answered: int
    completed: int
    messages_left: int
    transferred: int
    ended: int
    attempt_rate: float | None
    connect_rate: float | None
    completion_rate: float | None
    voicemail_share: float | None
    opt_out_rate: float | None
    outcomes: dict[str, EndedView]
    average_duration: float | None
    time_to_first_dial: WaitView
    attempts_per_answered_call: float | None
    cost: int
    attempts: int
    attempts_answered: int
    attempts_voicemail: int
    answer_rate: float | None
    spent: int


class Analytics(Answer):
    """The period as it was counted: whole quarters of an hour. `isComplete` false: numbers
    are missing, because earlier calls are being counted, or the counter is more than a
    minute behind.
    """

    to: datetime
    timezone: str
    group_by: GroupBy | str | None
    agent_id: str | None
    campaign_id: str | None
    currency: str
    is_complete: bool
    totals: NumbersView
    groups: list[GroupView] | None
    group_count: int | None
    from_: datetime = Field(alias="from")


class BestTimesView(Answer):
    """The times at which an agent's calls are tried first."""

    preset: BestTimePreset | str
    answers: int
    least_answers: int
    learned: list[str]
    told: str


class DaypartView(Answer):
    """A part of the day by the recipients' clocks; see `differentTimeOfDay` of `retry`."""

    attempts: int
    answered: int
    answer_rate: float | None
    low: float
    high: float
    daypart: str
    rank: int | None


class HourView(Answer):
    """An hour of the week by the recipients' clocks. `rank` null: too few attempts."""

    attempts: int
    answered: int
    answer_rate: float | None
    low: float
    high: float
    hour_of_week: str
    rank: int | None


class BestHours(Answer):
    """Hours with attempts, best first; those with fewer than `leastAttempts` last."""

    agent_id: str | None
    jurisdiction: str | None
    since_month: str
    least_attempts: int
    hours: list[HourView]
    dayparts: list[DaypartView]
    best_times: BestTimesView | None


class ListedNumberView(Answer):
    """A number as the carrier lists it; `lostTime`: since when it does not any more."""

    number: str
    kind: str
    name: str
    voice: bool | None
    shaken_stir: str | None
    caller_name: str | None
    first_time: datetime
    lost_time: datetime | None


class NumberWatchView(Answer):
    """How a number fares in the pool of an agent that heals its own."""

    watch_id: str
    agent_id: str
    state: RestState | str
    score: float
    limit: float
    dials: int
    answered: int
    expected_rate: float | None
    rests: int
    until: datetime | None


class CallerIdStandingView(Answer):
    """A caller ID of the account. `marks`: by agent, why it is not shown, or only to some."""

    number: str
    carrier_account_id: str | None
    standing: CallerIdStanding | str
    agent_ids: list[str]
    marks: dict[str, Mark | str]
    listed: ListedNumberView | None
    watches: list[NumberWatchView]


class NumberListView(Answer):
    """A list as it was imported last. `carrierAccountId` null: the installation's own
    account.
    """

    carrier_account_id: str | None
    imported_time: datetime | None
    attempted_time: datetime | None
    error: str | None
    numbers: int


class CallerIdStandings(Answer):
    """`check`: how strictly new ones are held to the lists; `total` counts all of the
    account.
    """

    caller_ids: list[CallerIdStandingView]
    total: int
    check: CallerIdCheck | str
    lists: list[NumberListView]


class SampleView(Answer):
    """Attempts and how many of them a person answered, with Wilson's 95 % interval."""

    attempts: int
    answered: int
    answer_rate: float | None
    low: float
    high: float


class CallerIdView(Answer):
    """`isFlagged`: its answer rate has fallen further than chance would have it fall."""

    caller_id: str
    is_flagged: bool
    verdict: Verdict | str
    recent: SampleView
    before: SampleView
    z: float | None
    chance: float | None


class CallerIds(Answer):
    """Flagged ones first. The past ends where `recent` begins."""

    recent_from: datetime
    before_from: datetime
    to: datetime
    least_attempts: int
    most_chance: float
    is_complete: bool
    caller_ids: list[CallerIdView]


class ImportRequest(Said):
    """Of which account at the carrier; null: the installation's own."""

    carrier_account_id: str | None = None


class ImportView(Answer):
    """What was found: how many numbers there are, and how many came and went."""

    of: NumberListView
    added: int
    lost: int


class ListedNumbers(Answer):
    """What may be shown by one account at the carrier; `total` counts all of them."""

    of: NumberListView
    numbers: list[ListedNumberView]
    total: int


class ReturnRequest(Said):
    """Which number of which agent's pool."""

    agent_id: str
    number: str
